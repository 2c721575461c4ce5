import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeCell, showCell } from '../../../control-plane/cells/shown-cell.js';
import { type Cell, listCells, recordCell } from '../../../control-plane/cells/store.js';
import { readDescription } from '../../../control-plane/tenants/tenant-description.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { migrate } from '../../../data-plane/database/migrate.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { useDatabase } from '../../support/cell-database.js';

const REGION = 'eu-central-1';
const folder = new URL('../../../data-plane/database/migrations/control/', import.meta.url);

describe('where a cell lives', () => {
  const control = useDatabase('control');
  const record = (name: string, instance?: string): Promise<Cell> =>
    recordCell(control.admin, {
      name,
      tier: 'shared',
      region: REGION,
      ...(instance === undefined ? DEFAULT_PLACE : { target: 'aws', address: { rdsInstance: instance } }),
    });

  beforeEach(() => control.admin.query('TRUNCATE control.cells CASCADE'));

  test('is brought forward from a control database that knew instances of RDS only', async () => {
    const files = readdirSync(folder).sort();
    const newer = files.slice(files.findIndex((file) => file.endsWith('_cell_addresses.sql')));
    for (const file of newer.reverse()) {
      await control.admin.query(
        readFileSync(new URL(file, folder), 'utf8').split('-- Down Migration')[1] ?? '',
      );
      await control.admin.query(`DELETE FROM control.migrations WHERE name || '.sql' = $1`, [file]);
    }
    await control.admin.query(
      `INSERT INTO control.cells (name, tier, region, target, rds_instance)
       VALUES ('away', 'shared', $1, 'aws', 'clinics-prod'), ('here', 'shared', $1, 'local', NULL), ('too', 'shared', $1, 'local', NULL)`,
      [REGION],
    );
    await withConnection(control.connection, (client) => migrate(client, 'control'));
    expect(
      (await listCells(control.admin)).map(({ name, target, address }) => [name, target, address]),
    ).toEqual([
      ['away', 'aws', { rdsInstance: 'clinics-prod' }],
      ['here', 'local', {}],
      ['too', 'local', {}],
    ]);
  });

  test('holds one cell; a cell that is recorded again stays where it is', async () => {
    await record('here');
    await record('too');
    const first = await record('away', 'clinics-prod');
    expect(await record('away', 'clinics-prod')).toEqual(first);
    await expect(record('other', 'clinics-prod')).rejects.toMatchObject({
      code: 'conflict',
      message: `another cell lives on instance clinics-prod in ${REGION}`,
    });
    await expect(record('away', 'clinics-test')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('on instance clinics-prod'),
      fix: expect.stringContaining('--rds'),
    });
    await expect(record('here', 'clinics-test')).rejects.toMatchObject({
      message: expect.stringContaining('on this machine'),
    });
  });

  test('is in the words of its target, or refused before anything is recorded', async () => {
    for (const place of [
      { target: 'aws', address: {} },
      { target: 'aws', address: { rdsInstance: '' } },
      { target: 'local', address: { rdsInstance: 'clinics-prod' } },
      { target: 'moon', address: {} },
    ])
      await expect(
        recordCell(control.admin, { name: 'one', tier: 'shared', region: REGION, ...place }),
      ).rejects.toMatchObject({ code: 'config_invalid' });
    expect(await listCells(control.admin)).toEqual([]);
  });

  test('is printed as fields of the cell, null where they are of another target', async () => {
    const away = await record('away', 'clinics-prod');
    const here = await record('here');
    expect(showCell(away)).toMatchObject({ name: 'away', target: 'aws', rdsInstance: 'clinics-prod' });
    expect(showCell(here)).toMatchObject({ name: 'here', target: 'local', rdsInstance: null });
    expect([showCell(away), showCell(here)].some((cell) => 'address' in cell)).toBe(false);
    expect(describeCell({ ...away, port: 5432 })).toBe(`away  shared  ${REGION}  clinics-prod:5432\n`);
    expect(describeCell({ ...here, port: 5433 })).toBe(`here  shared  ${REGION}  127.0.0.1:5433\n`);
  });
});

test.each([
  [
    'an instance of RDS, as earlier versions wrote it',
    { target: 'aws', rdsInstance: 'db' },
    { rdsInstance: 'db' },
  ],
  ['this machine, as earlier versions wrote it', { target: 'local', rdsInstance: null }, {}],
  ['an address', { target: 'aws', address: { rdsInstance: 'db' } }, { rdsInstance: 'db' }],
])('an archive says where the cell of its tenant lived: %s', (_, where, address) => {
  const about = {
    slug: 'clinica',
    legalName: 'x',
    plan: 'trial',
    state: 'active',
    wasSuspended: false,
    tier: 'shared',
    cell: { name: 'one', tier: 'shared', region: REGION, ...where },
    clinics: {},
    manifest: null,
  };
  expect(readDescription(about)?.cell).toEqual({
    name: 'one',
    tier: 'shared',
    region: REGION,
    target: where.target,
    address,
  });
});
