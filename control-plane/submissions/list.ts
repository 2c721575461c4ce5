import type { Runtime } from '../runtime.js';
import { listSubmissions, type Submission } from './store.js';

export type ListedSubmission = Submission;

/** Newest first. */
export const listSubmitted = ({ control }: Pick<Runtime, 'control'>, limit: number): Promise<Submission[]> =>
  listSubmissions(control, limit);
