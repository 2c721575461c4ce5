import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecord } from '../../data-plane/database/server/record.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';

const SLUG = 'robada';
const CELL = 'shared-eu-central-1';

let project: CliProject;
/** Texts that a thief looks for. */
let patient: string;
let staff: string;
let appPassword: string;
let contextSecret: string;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  await project.deploy();
  expect((await project.run(['demo', 'load', SLUG, '--patients', '30'])).status).toBe(0);
  expect((await project.run(['backups', 'run', SLUG])).status).toBe(0);
  expect((await project.run(['backups', 'base'])).status).toBe(0);
  const shown = await project.run(['demo', 'show', SLUG, '--json']);
  patient =
    JSON.stringify(JSON.parse(shown.stdout)).match(/"(?:patientName|patient_name|name)":"([^"]{8,})"/)?.[1] ??
    '';
  const [row] = await project.cell<{ name: string }>(
    CELL,
    'SELECT full_name AS name FROM clinical.staff ORDER BY length(full_name) DESC LIMIT 1',
  );
  staff = row?.name ?? '';
  ({ appPassword, contextSecret } = JSON.parse(
    readFileSync(join(project.home, 'cells', CELL, 'credentials.json'), 'utf8'),
  ));
  expect(patient.length).toBeGreaterThan(7);
  expect(staff.length).toBeGreaterThan(4);
  await project.cell(CELL, 'CHECKPOINT');
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

/** A text as it may lie in a file or in a dump: as it is, or as the hex of a bytea. */
const holds = (bytes: Buffer, text: string): boolean =>
  bytes.includes(text) || bytes.includes(Buffer.from(text).toString('hex'));

/** Every row of every table of a database, as text. */
const dump = async (query: CliProject['control']): Promise<Buffer> => {
  const tables = await query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`,
  );
  const parts: string[] = [];
  for (const { name } of tables)
    for (const { row } of await query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`))
      parts.push(row);
  return Buffer.from(parts.join('\n'));
};

describe('who has the project folder, without keyring and passphrase', () => {
  let files: [string, Buffer][];
  beforeAll(() => {
    const folders = [project.home, ...project.servers().map(({ dataDir }) => dataDir)];
    const paths = [...new Set(folders.flatMap(filesBelow))];
    files = paths
      .filter((path) => !/^(?:keyring\/|passphrase$|engine\/)/.test(relative(project.home, path)))
      .map((path): [string, Buffer] => [path, readFileSync(path)]);
  });
  const where = (text: string) => files.filter(([, bytes]) => holds(bytes, text)).map(([path]) => path);

  test('reads what lies in plain text, and the logins', () => {
    expect(where(staff)).not.toEqual([]);
    expect(where(appPassword)).toEqual([join(project.home, 'cells', CELL, 'credentials.json')]);
    expect(where(readRecord(join(project.home, 'cells', CELL))?.password ?? '?')).not.toEqual([]);
  });

  test('reads nothing that is sealed', () => {
    expect(where(patient)).toEqual([]);
  });
});

describe('who has a dump of a cell', () => {
  let rows: Buffer;
  beforeAll(async () => {
    rows = await dump((sql, values) => project.cell(CELL, sql, values));
  });

  test('reads plain columns, and the key of context tokens, which can be rotated', async () => {
    expect(holds(rows, staff)).toBe(true);
    const [key] = await project.cell<{ pad: Buffer }>(
      CELL,
      'SELECT inner_pad AS pad FROM ringfence_private.context_keys',
    );
    const secret = Buffer.from((key?.pad ?? Buffer.alloc(64)).map((byte) => byte ^ 0x36)).subarray(0, 32);
    expect(secret.toString('base64')).toBe(contextSecret);
  });

  test('reads nothing that is sealed, and no password', () => {
    expect(holds(rows, patient)).toBe(false);
    expect(holds(rows, appPassword)).toBe(false);
  });
});

describe('who has the objects', () => {
  test('reads no row, sealed or not', () => {
    const objects = filesBelow(join(project.home, 'objects'));
    expect(objects.length).toBeGreaterThan(0);
    for (const path of objects)
      for (const text of [patient, staff])
        expect([path, holds(readFileSync(path), text)]).toEqual([path, false]);
  });
});

describe('who has the control database', () => {
  test('reads names of tenants, and neither rows nor passwords', async () => {
    const rows = await dump(project.control);
    expect(holds(rows, `Clínica ${SLUG}`)).toBe(true);
    for (const text of [patient, staff, appPassword, contextSecret]) expect(holds(rows, text)).toBe(false);
  });
});
