import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';

const SLUG = 'clinica-adios';
const NAME = 'Clínica Adiós ' + 'عيادة الوداع';
const CELL = 'shared-eu-central-1';
const ERASE = ['tenants', 'erase', SLUG];

let project: CliProject;
let tenantId = '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG, { legalName: NAME });
  await project.deploy();
  await project.json(['backups', 'restore', SLUG, '--into', 'scratch']);
  const [tenant] = await project.control<{ id: string }>('SELECT id FROM control.tenants');
  tenantId = tenant?.id ?? '';
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

/** Runs a command that must be refused. @returns what it said. */
const refused = async (args: readonly string[], expected: number): Promise<string> => {
  const { status, stderr } = await project.run(args);
  expect([args.join(' '), status, stderr]).toEqual([args.join(' '), expected, expect.any(String)]);
  return stderr;
};

test('is asked for with a reason and a name, waits, and is taken back', async () => {
  await project.cell(
    CELL,
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) SELECT id, 'x', 5 FROM ringfence.clinics`,
  );
  const unasked = await refused([...ERASE, '--reason', 'x'], 2);
  expect(unasked).toMatch(/- 1 rows of clinical\.services[\s\S]*add --yes/);
  const asked = await project.run([...ERASE, '--reason', 'cierra', '--confirm', SLUG]);
  expect(asked.stdout).toMatch(/is to be erased on \d{4}-.*nobody of it gets in[\s\S]*--cancel/);
  expect(await refused([...ERASE, '-y'], 1)).toContain('is to be erased on');
  const cancelled = await project.run([...ERASE, '--cancel', '--reason', 'se queda', '-y']);
  expect(cancelled.stdout).toContain('the tenant is active');
});

test('is stopped by a hold, is carried out at once, survives kills, and leaves a certificate and nothing else', async () => {
  const now = [...ERASE, '--reason', 'cierra: طلب <b>', '--wait-days', '0', '--confirm', SLUG];
  const { id } = await project.json<{ id: string }>(['holds', 'add', SLUG, '--reason', 'Proc. 12/2026']);
  expect(await refused(now, 5)).toContain(`legal-hold ${id} (without an end): Proc. 12/2026`);
  await project.json(['holds', 'release', SLUG, id, '--reason', 'archivado']);

  for (const point of ['erase:stack', 'erase:routes']) {
    const killed = await project.run(now, { env: { RINGFENCE_CRASH_AT: point } });
    expect([point, killed.signal, killed.stderr]).toEqual([point, 'SIGKILL', expect.any(String)]);
  }
  const out = join(project.root, 'given');
  const erased = await project.json<{ state: string; files: { json: string; html: string } }>([
    ...[...ERASE, '--confirm', SLUG, '--out', out],
  ]);
  expect(erased.state).toBe('done');
  const page = readFileSync(erased.files.html, 'utf8');
  expect(page).toContain('cierra: طلب &lt;b&gt;');
  expect((await project.run(['erasures', 'verify', erased.files.json])).stdout).toContain('(as expected)');
  const changed = join(out, 'changed.json');
  writeFileSync(changed, readFileSync(erased.files.json, 'utf8').replace('cierra', 'queda'));
  expect(await refused(['erasures', 'verify', changed], 5)).toContain('it was changed');

  expect(await refused(['backups', 'restore', SLUG, '-y'], 6)).toMatch(
    /tenant_erased.*clinica-adios was erased on/,
  );
  const [left] = await project.cell<{ left: number }>(
    CELL,
    `SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'rf\\_t\\_%')
          + (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'restore\\_%')
          + (SELECT count(*) FROM ringfence.tenants) + (SELECT count(*) FROM clinical.patients) AS left`,
  );
  expect(Number(left?.left)).toBe(0);
  expect((await project.run(['schema', 'lint'])).status).toBe(0);
  const files = filesBelow(project.root).filter((file) => !/\/(data|engine|given|erasure)\//.test(file));
  expect(files.filter((file) => file.includes(SLUG) || file.includes(tenantId))).toEqual([]);
  const telling = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return [SLUG, tenantId, NAME].some((part) => text.includes(part));
  });
  expect(telling).toEqual([]);
});
