import { z } from 'zod';
import { line, prose, section } from '../primitives.js';

/** Dimension 5: what the assistant may answer from. */
export const knowledgeBase = section({
  faq: z
    .array(section({ question: line(500), answer: prose(4_000).min(1) }))
    .max(1_000)
    .default([]),
  policies: z
    .array(section({ title: line(), text: prose(8_000).min(1) }))
    .max(100)
    .default([])
    .describe('Cancellation, payment, minors, ...'),
  directions: prose(2_000).default(''),
  parking: prose(2_000).default(''),
  firstVisit: prose(4_000).default('').describe('What a new patient has to know and bring.'),
}).prefault({});
