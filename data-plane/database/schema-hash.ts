import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { permissionRows } from '../../core/permissions.js';

const FOLDER = new URL('./migrations/cell/', import.meta.url);
const MANAGED_CELL = new URL('./managed-cell.sql', import.meta.url);

/** Changes with the migrations and the permission matrix, so that the engine brings them to the cell. 16 hex digits. */
export const cellSchemaHash = (): string => {
  const hash = createHash('sha256').update(JSON.stringify(permissionRows()));
  for (const file of readdirSync(FOLDER).sort())
    hash.update(file).update(readFileSync(new URL(file, FOLDER)));
  hash.update(readFileSync(MANAGED_CELL));
  return hash.digest('hex').slice(0, 16);
};
