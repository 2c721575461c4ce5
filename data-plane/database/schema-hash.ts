import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./migrations/cell/', import.meta.url);

/** Changes whenever a cell migration is added, so that the engine runs them. 16 hex digits. */
export const cellSchemaHash = (): string => {
  const hash = createHash('sha256');
  for (const file of readdirSync(FOLDER).sort())
    hash.update(file).update(readFileSync(new URL(file, FOLDER)));
  return hash.digest('hex').slice(0, 16);
};
