import { z } from 'zod';
import { line, prose, section } from '../primitives.js';

const TONES = ['professional', 'familiar', 'technical', 'playful'] as const;

/** Dimension 1: how the clinic speaks to its patients. */
export const brandVoice = section({
  tone: z.enum(TONES).default('professional').describe('The tone of every answer.'),
  prompt: prose().default('').describe('What the assistant is told about the clinic before a conversation.'),
  examples: z
    .array(section({ question: line(500), answer: prose(2_000).min(1) }))
    .max(50)
    .default([])
    .describe('Questions with answers in the right voice.'),
}).prefault({});
