import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const CELL = 'shared-eu-central-1';

interface Report {
  readonly verdict: string;
  readonly subjects: {
    subject: string;
    name: string;
    verdict: string;
    differences: { kind: string; what: string; parts: string[] }[];
    cannotTell: string[];
  }[];
}

let project: CliProject;
const drift = async (...args: string[]) => {
  const { status, stdout, stderr } = await project.run(['drift', '--json', ...args]);
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  const of = (name: string) => report.subjects.find((one) => one.name === name);
  return { status, verdict: report.verdict, of, names: report.subjects.map(({ name }) => name) };
};

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest('uno');
  project.manifest('dos');
  await project.deploy();
});
afterAll(async () => {
  await project.cell(CELL, 'DROP ROLE IF EXISTS analyst').catch(() => undefined);
  expect(await project.purge()).toEqual([]);
});

test('what is as it was deployed is clean, and a manifest that was edited since is no drift', async () => {
  project.manifest('dos', { quotas: { connections: 7 } });
  expect(await drift()).toMatchObject({ status: 0, verdict: 'clean', names: [CELL, 'dos', 'uno'] });
});

test('what was changed by hand is named with its subject, and put back', async () => {
  await project.cell(CELL, `UPDATE ringfence.tenants SET slug = 'other' WHERE slug = 'uno'`);
  await project.cell(CELL, 'DROP POLICY clinic_boundary ON clinical.patients');
  await project.cell(CELL, 'REVOKE CONNECT ON DATABASE ringfence FROM ringfence_app');
  const found = await drift('--all');
  expect([found.status, found.verdict]).toEqual([7, 'drifted']);
  expect(found.of('uno')?.differences).toEqual([
    { kind: 'changed', what: `TenantEnrolment enrolment.${CELL}`, parts: ['slug'] },
  ]);
  expect(found.of('dos')?.verdict).toBe('clean');
  const cell = JSON.stringify(found.of(CELL));
  expect(cell).toContain('Grant connect-ringfence_app');
  expect(cell).toContain('policy clinic_boundary on clinical.patients is missing');
  project.manifest('dos');
  expect((await project.run(['tenants', 'apply', '--all', '--refresh', '--yes'])).status).toBe(0);
  expect(await drift()).toMatchObject({ status: 0, verdict: 'clean' });
});

test('what nobody declared is named, and neither changed nor taken away', async () => {
  await project.cell(CELL, 'CREATE ROLE analyst LOGIN');
  await project.cell(CELL, 'CREATE DATABASE reports');
  await project.cell(CELL, 'CREATE PUBLICATION leak FOR TABLE clinical.services');
  const found = await drift('--cell', CELL);
  expect([found.status, found.names]).toEqual([7, [CELL]]);
  expect(found.of(CELL)?.differences).toEqual(
    ['database reports', 'publication leak', 'role analyst'].map((what) => ({
      kind: 'undeclared',
      what,
      parts: [],
    })),
  );
  await project.json(['tenants', 'apply', 'uno', '--refresh', '--yes']);
  expect((await drift('uno')).status).toBe(0);
  await project.cell(CELL, 'DROP PUBLICATION leak');
  await project.cell(CELL, 'DROP DATABASE reports');
  await project.cell(CELL, 'DROP ROLE analyst');
  expect((await drift()).status).toBe(0);
});

test('what cannot be looked at is neither drifted nor clean, and a name that there is not is refused', async () => {
  await project.run(['cells', 'down', CELL, '--yes']);
  const found = await drift();
  expect([found.status, found.verdict]).toEqual([1, 'cannot-tell']);
  expect(found.of('uno')).toMatchObject({
    verdict: 'cannot-tell',
    differences: [],
    cannotTell: [`the server of cell ${CELL} does not run`],
  });
  await project.json(['cells', 'up', CELL]);
  expect((await drift()).status).toBe(0);
  expect((await project.run(['drift', 'nobody'])).status).toBe(6);
  expect((await project.run(['drift', '--cell', 'nowhere'])).status).toBe(6);
});
