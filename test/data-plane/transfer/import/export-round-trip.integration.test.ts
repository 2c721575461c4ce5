import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../../../data-plane/audit/verify.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { blindIndex } from '../../../../data-plane/keys/blind-index.js';
import { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { plantSealedTenant } from '../../keys/rotation/scene.js';
import { type OpenedExport, openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, stateOf, useFolder } from './scene.js';

/** Written by the platform only, so never imported. */
const LEFT_OUT = [
  'clinical.audit_events',
  'clinical.subscriptions',
  'clinical.clinic_config',
  'clinical.billing_customers',
];

describe('An export that is imported', () => {
  const db = useDatabase();
  const folder = useFolder();
  const zip = join(folder.path, 'a.zip');
  const names = new Map([['aurora', 'beta']]);
  let from: DemoTenant;
  let to: DemoTenant;
  let exported: OpenedExport;

  /** Lines of every table, with the target's clinic ids for the source's, and the clinic's folder renamed. */
  const linesOf = (opened: OpenedExport, rename: boolean): Record<string, string[]> => {
    const files = opened.paths.filter(
      (path) =>
        path.endsWith('.jsonl') &&
        path.startsWith('clinics/') &&
        !LEFT_OUT.some((table) => path.includes(table)),
    );
    return Object.fromEntries(
      files.map((path) => {
        let text = opened.text(path);
        for (const [at, { id }] of from.clinics.entries())
          if (rename) text = text.replaceAll(id, to.clinics[at]?.id ?? '');
        return [rename ? path.replace('/aurora/', '/beta/') : path, text.split('\n')];
      }),
    );
  };

  beforeAll(async () => {
    from = await plantSealedTenant(db, 'aurora', 40);
    to = await plantEmpty(db, 'beta');
    // Values that lose something on the way through doubles, arrays as texts, or CSV.
    await db.admin.query(
      `UPDATE clinical.staff SET departments = '{dental_care,x_ray}', full_name = E'Begoña "la jefa"\\t\\\\ مريم' WHERE clinic_id = $1`,
      [from.clinics[0].id],
    );
    await db.admin.query(
      `INSERT INTO clinical.daily_figures VALUES ($1, '2026-01-01', 'exact', 12345678901234567890.12345678901234567890)`,
      [from.clinics[0].id],
    );
    await exportOf(db, from, 'aurora', zip);
    exported = openExport(zip, join(folder.path, 'a'));
  });

  it('changes nothing in a dry run', async () => {
    const before = await stateOf(db, to);
    const report = await importInto(db, to, zip, { clinicNames: names, dryRun: true });
    expect(report.problems).toEqual([]);
    expect(Object.keys(report.added)).toHaveLength(2);
    expect(await stateOf(db, to)).toEqual(before);
  });

  it('gives an export with the same lines, up to the ids of the clinics', async () => {
    const report = await importInto(db, to, zip, { clinicNames: names });
    expect(report.problems).toEqual([]);
    expect(Object.keys(report.leftOut).sort()).toEqual([...LEFT_OUT].sort());
    const back = join(folder.path, 'b.zip');
    await exportOf(db, to, 'beta', back);
    const again = linesOf(openExport(back, join(folder.path, 'b')), false);
    const first = linesOf(exported, true);
    expect(Object.keys(first).sort()).toEqual(Object.keys(again).sort());
    expect(Object.values(first).flat().length).toBeGreaterThan(300);
    for (const [path, lines] of Object.entries(first)) expect(again[path], path).toEqual(lines);
  });

  it('is found by name and phone, under the key of its new tenant', async () => {
    const [patient] = exported.objects('clinics/aurora/clinical.patients.jsonl');
    const index = blindIndex(to.key, to.clinics[0].id);
    const { rows } = await db.admin.query(
      'SELECT id FROM clinical.patients WHERE clinic_id = $1 AND patient_name_index = $2 AND phone_index = $3',
      [to.clinics[0].id, index.name(String(patient?.patient_name)), index.phone(String(patient?.phone))],
    );
    expect(rows).toContainEqual({ id: patient?.id });
  });

  it('is told to each clinic, in a chain that holds, and forged nothing', async () => {
    const { rows } = await db.admin.query<{ detail: { rows: Record<string, number> }; at: Date }>(
      `SELECT detail FROM clinical.audit_events WHERE action = 'import' AND clinic_id = ANY ($1)`,
      [to.clinics.map(({ id }) => id)],
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]?.detail.rows['clinical.patients']).toBe(20);
    const chain = await withConnection(db.connection, (client) => verifyAudit(client, to.tenantId, []));
    expect(chain).toMatchObject({ problems: [] });
    for (const table of LEFT_OUT.slice(1)) {
      const { rowCount } = await db.admin.query(`SELECT FROM ${table} WHERE clinic_id = ANY ($1)`, [
        to.clinics.map(({ id }) => id),
      ]);
      expect(rowCount).toBe(0);
    }
  });

  it('is a no-op the second time, also after the key was rotated', async () => {
    const before = await stateOf(db, to);
    const newer = new TenantKey(to.tenantId, 2, randomBytes(32));
    for (const keys of [[to.key], [to.key, newer]]) {
      const report = await importInto(db, to, zip, { clinicNames: names, keys });
      expect(report).toMatchObject({ added: {}, problems: [] });
      expect(report.same).toBeGreaterThan(350);
    }
    expect(await stateOf(db, to)).toEqual(before);
  });

  it('completes what is missing, from the unpacked folder too', async () => {
    const before = await stateOf(db, to);
    await db.admin.query('DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', [to.clinics[0].id]);
    const report = await importInto(db, to, exported.folder, { clinicNames: names });
    expect(Object.keys(report.added[to.clinics[0].id] ?? {})).toEqual(['clinical.invoice_lines']);
    expect(await stateOf(db, to)).toMatchObject({ rows: (before as { rows: object }).rows });
  });

  it('names every row that is there with other values, and changes none', async () => {
    await db.admin.query(`UPDATE clinical.services SET duration_minutes = 7 WHERE clinic_id = $1`, [
      to.clinics[1].id,
    ]);
    const before = await stateOf(db, to);
    const report = await importInto(db, to, zip, { clinicNames: names });
    expect(report.problems.length).toBeGreaterThan(1);
    for (const problem of report.problems)
      expect(problem).toMatchObject({
        file: 'clinics/second/clinical.services.jsonl',
        column: 'duration_minutes',
        message: expect.stringMatching(/differs from the row/),
      });
    expect(await stateOf(db, to)).toEqual(before);
  });

  it.each([
    ['an unknown clinic', { clinicNames: new Map([['aurora', 'nowhere']]) }, 'clinic_not_found'],
    ['a clinic that the export has not', { clinicNames: new Map([['nobody', 'beta']]) }, 'usage'],
    ['no such tenant', { tenantId: randomUUID() }, 'tenant_not_found'],
    ['no such file', { path: '/nowhere/at/all.zip' }, 'usage'],
  ])('%s is %s', async (_, more, code) => {
    await expect(importInto(db, to, zip, more)).rejects.toMatchObject({ code });
  });

  it('respects quotas, closed clinics and subscriptions that are over', async () => {
    const small = await plantEmpty(db, 'small', 100);
    const before = await stateOf(db, small);
    const into = new Map([['aurora', 'small']]);
    await expect(importInto(db, small, zip, { clinicNames: into })).rejects.toMatchObject({
      code: 'quota_exceeded',
      quota: { what: 'rows', limit: 100 },
    });
    await db.admin.query(
      `INSERT INTO clinical.subscriptions (clinic_id, plan, status) VALUES ($1, 'starter', 'EXPIRED')`,
      [small.clinics[0].id],
    );
    await expect(importInto(db, small, zip, { clinicNames: into })).rejects.toMatchObject({
      code: 'subscription_read_only',
    });
    await db.admin.query(`UPDATE ringfence.clinics SET state = 'closed' WHERE id = $1`, [
      small.clinics[0].id,
    ]);
    await expect(importInto(db, small, zip, { clinicNames: into })).rejects.toMatchObject({
      code: 'clinic_inactive',
    });
    expect((await stateOf(db, small)) as object).toMatchObject({
      rows: { 'clinical.patients': (before as { rows: Record<string, unknown> }).rows['clinical.patients'] },
    });
  });
});
