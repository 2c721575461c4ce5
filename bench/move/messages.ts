import type { JSONWebKeySet } from 'jose';
import type { Sample } from './samples.js';

/** What one loop of an application does with one clinic: it writes a row and reads it; or it reads a row that is there. */
export interface Lane {
  readonly clinicId: string;
  readonly token: string;
  /** Id of the service that it reads. */
  readonly reads?: string;
}

export interface ApplicationOptions {
  /** Folder of the project (`.ringfence`). */
  readonly home: string;
  readonly keys: JSONWebKeySet;
  readonly issuer: string;
  readonly audience: string;
}

/** What an application did since it was told to work on these lanes. */
export interface Work {
  /** Writes, or reads in lanes that only read. */
  readonly samples: readonly Sample[];
  /** Writes that were acknowledged. */
  readonly writes: number;
  /** What was refused, failed, or read otherwise than it was written. */
  readonly problems: readonly string[];
}

export type Request =
  | { readonly ask: 'open'; readonly options: ApplicationOptions }
  | { readonly ask: 'work'; readonly lanes: readonly Lane[] }
  /** Samples that ended before are left out. */
  | { readonly ask: 'report'; readonly sinceMs: number }
  | { readonly ask: 'close' };

export type Asked = Request & { readonly number: number };

export interface Answer {
  readonly number: number;
  readonly work?: Work;
  readonly error?: string;
}
