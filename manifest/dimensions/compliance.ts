import { z } from 'zod';
import { line, prose, section } from '../primitives.js';

/** What a clinic practises; it decides the claims that are forbidden from the start. */
export const VERTICALS = [
  'dental',
  'aesthetic',
  'psychology',
  'dermatology',
  'physiotherapy',
  'ophthalmology',
  'gynaecology',
  'paediatrics',
  'fertility',
  'nutrition',
  'laboratory',
  'general',
] as const;
export type Vertical = (typeof VERTICALS)[number];

const EVERY_VERTICAL = ['guaranteed results', 'diagnosis without an examination', '100 % safe'];

const CLAIMS: Record<Vertical, readonly string[]> = {
  dental: ['painless treatment', 'implants for life', 'the best dentist'],
  aesthetic: ['permanent results', 'without any risk', 'before-and-after pictures as a promise'],
  psychology: ['cure of depression or anxiety', 'advice on medication', 'results in a number of sessions'],
  dermatology: ['cure of acne or psoriasis', 'melanoma ruled out from a picture'],
  physiotherapy: ['cure of chronic pain', 'surgery made unnecessary'],
  ophthalmology: ['perfect vision', 'never glasses again'],
  gynaecology: ['pregnancy without risk'],
  paediatrics: ['a dose of medication for a child'],
  fertility: ['guaranteed pregnancy', 'success rates without their source'],
  nutrition: ['kilograms lost in a number of days', 'cure of an eating disorder'],
  laboratory: ['a diagnosis from a single result'],
  general: [],
};

/** The claims that no clinic of the vertical may make. */
export const forbiddenClaimsOf = (vertical: Vertical): string[] => [...EVERY_VERTICAL, ...CLAIMS[vertical]];

/** Dimension 6: what must never be said, and what must always be. */
export const compliance = section({
  forbiddenClaims: z
    .array(line(300))
    .max(500)
    .default([])
    .describe("Added to those of the clinic's vertical, which cannot be taken away."),
  disclaimers: z.array(prose(2_000).min(1)).max(50).default([]),
  healthRegistration: line(60)
    .nullable()
    .default(null)
    .describe('Number of the clinic in the register of health centres.'),
}).prefault({});
