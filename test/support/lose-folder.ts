import { rmSync } from 'node:fs';

/** Removes a folder into which a running server may still write: what it adds meanwhile goes too. */
export const loseFolder = (path: string): void =>
  rmSync(path, { recursive: true, maxRetries: 50, retryDelay: 20 });
