import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RESTORE, restoreTenant } from '../../../control-plane/backups/restore-in-place.js';
import { listOperations } from '../../../control-plane/operation/history.js';
import { runOperation } from '../../../control-plane/operation/run-operation.js';
import { pointsOf } from '../../../control-plane/operation/step.js';
import { IMPORT } from '../../../control-plane/transfer/import-steps.js';
import { importIntoTenant } from '../../../control-plane/transfer/import-tenant.js';
import { type TestClinic, useDatabase } from '../../support/cell-database.js';
import { Crash, useScene } from '../erasure/scene.js';

const SLUG = 'broken-off';
const MAPPING = `version: 1
files:
  - file: services.csv
    table: clinical.services
    clinic: centro
    columns: { id: { id: Code }, name: Name, duration_minutes: { value: 30 } }
`;

const control = useDatabase('control');
const cell = useDatabase('cell');
const { runtime, plant, crashAt } = useScene(control, cell);
let clinic: TestClinic;

beforeAll(async () => {
  clinic = await plant(SLUG);
  await control.admin.query(`UPDATE control.tenants SET state = 'active'`);
});

const count = async (table: string): Promise<number> => {
  const { rows } = await cell.admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE clinic_id = $1`,
    [clinic.clinicId],
  );
  return rows[0]?.count ?? 0;
};

/** Ends the work at a point, and does it again. @returns the record of the second run. */
const killedAt = async (point: string, work: () => Promise<unknown>): Promise<unknown> => {
  crashAt(point);
  await expect(work()).rejects.toBeInstanceOf(Crash);
  await work();
  const [newest] = await listOperations(control.admin, { slug: SLUG, limit: 1 });
  return newest;
};

describe('what is one transaction, killed at any point, is whole after the next run', () => {
  it.each(pointsOf(RESTORE).recorded)('a restore at %s', async (point) => {
    await cell.admin.query('DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', [clinic.clinicId]);
    const request = { tables: ['clinical.invoice_lines'], clinics: [], where: [], dryRun: false };
    const newest = await killedAt(point, () => restoreTenant(runtime, SLUG, request));
    expect(newest).toMatchObject({ kind: 'restore', state: 'done' });
    expect(await count('clinical.invoice_lines')).toBe(2);
  });

  it.each(pointsOf(IMPORT).recorded)('an import at %s', async (point) => {
    const before = await count('clinical.services');
    const path = join(runtime.project.root, 'services.csv');
    const mappingPath = join(runtime.project.root, 'mapping.yaml');
    writeFileSync(path, `Code,Name\n${point},Limpieza\n`);
    writeFileSync(mappingPath, MAPPING);
    const request = { path, mappingPath, clinicNames: new Map(), dryRun: false };
    const newest = await killedAt(point, () => importIntoTenant(runtime, SLUG, request));
    expect(newest).toMatchObject({ kind: 'import', state: 'done' });
    expect(await count('clinical.services')).toBe(before + 1);
  });
});

it('an operation begins with a tenant in a state of its kind only, and is not recorded otherwise', async () => {
  const before = await listOperations(control.admin, { slug: SLUG, limit: 100 });
  const request = { tables: [], clinics: [], where: [], dryRun: false };
  const table = { ...RESTORE, kind: 'restore-removed' as const };
  await expect(runOperation(runtime, table, { slug: SLUG, request })).rejects.toMatchObject({
    code: 'conflict',
    message: `tenant ${SLUG} is active`,
  });
  expect(await listOperations(control.admin, { slug: SLUG, limit: 100 })).toEqual(before);
});
