import { z } from 'zod';
import { line, prose, section, slug, wholeNumber } from '../primitives.js';

const amount = z.number().min(0).max(1_000_000).multipleOf(0.01);

const price = section({
  min: amount,
  max: amount,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'is not a currency; allowed: an ISO 4217 code such as EUR')
    .default('EUR'),
});

/** Dimension 2: what the clinic offers. A price is private unless it says otherwise. */
export const services = z
  .array(
    section({
      id: slug.describe('What staff routing refers to.'),
      name: line(),
      description: prose(2_000).default(''),
      durationMinutes: wholeNumber(5, 1_440).default(30),
      price: price.nullable().default(null).describe('A range; the assistant never invents one.'),
      priceVisibility: z.enum(['private', 'public']).default('private'),
    }),
  )
  .max(500)
  .default([]);
