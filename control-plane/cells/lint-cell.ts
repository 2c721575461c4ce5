import { withConnection } from '../../data-plane/database/connect.js';
import { type Finding, lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import type { Runtime } from '../runtime.js';

/** Lints the catalogue of a running cell. Returns its holes. */
export const lintCell = async (runtime: Runtime, cell: string): Promise<Finding[]> =>
  withConnection(await runtime.target.adminConnection(cell), lintSchema);
