import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { carryOver } from '../../../control-plane/control-up/carry-over.js';
import { readControlAddress } from '../../../control-plane/project/control-address.js';
import {
  controlConnection,
  controlDir,
  hasLocalControl,
  openControlDatabase,
} from '../../../control-plane/project/control-database.js';
import { Client } from '../../../data-plane/database/client.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import { purgeLocalServer } from '../../../data-plane/database/server/local-server.js';
import { type ManagedPostgres, startManagedPostgres } from '../../support/rds/managed-postgres.js';
import { openScene } from '../engine/scene.js';

const scene = openScene();
const { project } = scene;
const place = { region: 'eu-central-1', rdsInstance: 'clinics-control' } as const;
const nothing = { reached: () => undefined, say: () => undefined };
let postgres: ManagedPostgres;
let here: Connection;

const server = {
  place,
  connect: async (database = 'control') => ({ ...postgres.master, database }),
};
const carry = (reached: (point: string) => void = () => undefined) =>
  carryOver(project, server, { now: new Date(), reached });
const there = (sql: string, database = 'control') =>
  withConnection({ ...postgres.master, database }, async (client) => (await client.query(sql)).rows);
const onThisMachine = (sql: string) => withConnection(here, (client) => client.query(sql));
/** Nothing of a refusal stays: the project is where it was. */
const expectHere = () =>
  expect([readControlAddress(project), hasLocalControl(project)]).toEqual([undefined, true]);

beforeAll(async () => {
  postgres = await startManagedPostgres('ringfence_master');
  await (await openControlDatabase(project, {}, nothing)).pool.end();
  here = await controlConnection(project);
  await onThisMachine(
    `INSERT INTO control.workers (id, host, process_id, version)
     SELECT gen_random_uuid(), 'عيادة ' || n || E'\\t\\\\N\\n', n, '0' FROM generate_series(1, 500) n`,
  );
  await onThisMachine(
    `INSERT INTO control.submissions (id, kind, request, printing, version, who)
     VALUES (gen_random_uuid(), 'kind', '{"a": ["ñ", null]}', '{}', '0', 'who')`,
  );
  await onThisMachine(
    `INSERT INTO control.submission_output (submission, stream, text) SELECT id, 'out', 'a line' FROM control.submissions`,
  );
});
beforeEach(() => there('DROP DATABASE IF EXISTS control', 'postgres'));
afterAll(() => {
  purgeLocalServer(controlDir(project));
  postgres.stop();
  scene.remove();
});

it('refuses a database with tables of others', async () => {
  await there('CREATE DATABASE control', 'postgres');
  await there('CREATE TABLE visits ()');
  await expect(carry()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('has table visits already'),
  });
  expectHere();
});

it('refuses while somebody works with it', async () => {
  await withConnection(here, async () => {
    await expect(carry()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('others work with the control database: ringfence'),
    });
  });
  expectHere();
});

it('goes back to where it was after a change meanwhile, and leaves the other database empty', async () => {
  const late = new Client(here);
  let change: Promise<unknown> | undefined;
  // It was not there when others were looked for. It waits until the rows are read, and who compares them waits for it.
  const connect = async (database?: string) => {
    if (database === undefined && change === undefined) {
      await late.connect();
      change = late.query(`DO $$ BEGIN
        WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'control.workers'::regclass AND pid <> pg_backend_pid() AND granted) LOOP
          PERFORM pg_sleep(0.001);
        END LOOP;
        LOCK TABLE control.workers;
        DELETE FROM control.workers WHERE process_id = 1;
      END $$`);
    }
    return server.connect(database);
  };
  const carried = carryOver(project, { place, connect }, { now: new Date(), reached: () => undefined });
  await expect(carried).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('carried: control.workers'),
  });
  await change;
  await late.end();
  expectHere();
  expect(await there(`SELECT to_regclass('control.project')::text AS project`)).toEqual([{ project: null }]);
});

it('refuses the control database of another project, and one of this project that is not the same', async () => {
  await expect(carry(fail('control-rows-carried'))).rejects.toThrow('as a kill would');
  const id = '00000000-0000-4000-8000-00000000000f';
  await there(`UPDATE control.project SET id = '${id}'`);
  await expect(carry()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`has the control database of project ${id}`),
  });
});

const fail = (at: string) => (point: string) => {
  if (point === at) throw new Error('as a kill would');
};

it('carries every row and the state of each sequence, and keeps what was here aside', async () => {
  const { rows, kept } = await carry();
  expect(rows).toBeGreaterThan(500);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.every(existsSync)).toBe(true);
  expect([readControlAddress(project), hasLocalControl(project)]).toEqual([
    { ...place, state: 'home' },
    false,
  ]);
  expect(existsSync(join(controlDir(project), 'position.json'))).toBe(false);
  const [worker] = await there(`SELECT host FROM control.workers WHERE process_id = 7`);
  expect(worker).toEqual({ host: 'عيادة 7\t\\N\n' });
  const next = `INSERT INTO control.submission_output (submission, stream, text) SELECT id, 'out', 'more' FROM control.submissions RETURNING place`;
  expect(await there(next)).toEqual([{ place: '2' }]);
});
