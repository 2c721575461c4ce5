import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Check } from '../../data-plane/erasure/certificate.js';
import { inspectCell } from '../../data-plane/erasure/inspect-cell.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import { listAllBackups } from '../backups/store.js';
import { keyWraps, wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { findKept, keptOf } from './kept-data.js';
import { listObjects } from './objects.js';
import { countJobs, manifestFiles, remainsOfStack } from './remains.js';
import { type OpenErasure, subjectOf } from './subject.js';

/** The tables of the control database that lead to a tenant, each with the column that names it. */
const ROUTES = [
  ['tenants', 'id'],
  ['placements', 'tenant_id'],
  ['clinics', 'tenant_id'],
  ['deployments', 'tenant_id'],
  ['backup_schedules', 'tenant_id'],
  ['audit_anchors', 'tenant_id'],
] as const;

/** Searches every place for remains of an erased tenant. A find is data, no error. */
export const findRemains = async (runtime: Runtime, erasure: OpenErasure): Promise<Check[]> => {
  const { control, target, project } = runtime;
  const { tenantId, slug, cells } = erasure;
  const checks: Check[] = [];
  for (const cell of cells)
    checks.push(
      ...(await withConnection(await target.adminConnection(cell), (client) =>
        inspectCell(client, cell, subjectOf(erasure)),
      )),
    );
  for (const [table, column] of ROUTES) {
    const { rowCount } = await control.query(`SELECT FROM control.${table} WHERE ${column} = $1`, [tenantId]);
    checks.push({ check: 'routes', where: `control.${table}`, found: rowCount ?? 0 });
  }
  const stack = await remainsOfStack(runtime, slug);
  const keys = await inspectKeys(runtime, tenantId);
  const objects = await listObjects(runtime, erasure);
  return [
    ...checks,
    ...keys,
    ...cells.map((cell) => ({
      check: 'objects' as const,
      where: `${cell}: objects`,
      found: objects.filter((object) => object.cell === cell).length,
    })),
    { check: 'jobs', where: 'control database', found: await countJobs(control, slug) },
    { check: 'stacks', where: "the engine's state", found: stack.inState.length + stack.files.length },
    { check: 'manifests', where: 'tenants/', found: manifestFiles(project, slug).length },
    ...(await keptChecks(runtime, erasure)),
  ];
};

/** One entry for each, because the reader has to find and remove it. */
const keptChecks = async (runtime: Runtime, erasure: OpenErasure): Promise<Check[]> => {
  const { control, project } = runtime;
  const kept = await keptOf(control, await findKept(control, project), erasure);
  if (kept.length === 0) return [{ check: 'kept-data', where: 'control database and cells', found: 0 }];
  return kept.map((path) => ({ check: 'kept-data', where: path, found: 1 }));
};

const inspectKeys = async (runtime: Runtime, tenantId: string): Promise<Check[]> => {
  const records = await wrappedKeys(runtime.control).list(tenantId);
  const needed = new Set(
    (await listAllBackups(runtime.control, tenantId)).map((backup) => backup.keyVersion),
  );
  const opening = new Set<number>();
  for (const version of new Set([...records.map((record) => record.version), ...needed]))
    if (await opens(runtime, tenantId, version)) opening.add(version);
  const where = 'control.tenant_keys';
  return [
    { check: 'key-bytes', where, found: (await keyWraps(runtime.control).list(tenantId)).length },
    { check: 'key-opens', where, found: opening.size },
    {
      check: 'archives-open',
      where: `${needed.size} versions of the key`,
      found: [...needed].filter((version) => opening.has(version)).length,
    },
  ];
};

const opens = async ({ target }: Runtime, tenantId: string, version: number): Promise<boolean> => {
  try {
    return await usingKey(target.tenantKeys.load(tenantId, version), () => true);
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'key_not_found') return false;
    throw error;
  }
};
