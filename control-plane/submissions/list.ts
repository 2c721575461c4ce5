import type { Runtime } from '../runtime.js';
import { listSubmissions, type Submission } from './store.js';

export type ListedSubmission = Submission;

/** Newest first. */
export const listSubmitted = ({ control }: Runtime, limit: number): Promise<Submission[]> =>
  listSubmissions(control, limit);
