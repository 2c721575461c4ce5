import { randomUUID } from 'node:crypto';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Runtime } from '../../../control-plane/runtime.js';
import { allowSubmitter } from '../../../control-plane/submissions/allow.js';
import {
  findSubmission,
  recordSubmission,
  takeSubmission,
} from '../../../control-plane/submissions/store.js';
import { withdrawSubmission } from '../../../control-plane/submissions/withdraw.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase('control');
const PASSWORD = 'sixteen letters or more';
const logins = ['uno', 'otra'].map((name) => `${name}_${randomUUID().slice(0, 8)}`);
const pools: pg.Pool[] = [];

// A worker that has started once.
beforeAll(() => runMigrations({ pgPool: db.admin }));
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  for (const login of logins)
    await db.admin.query(`DROP OWNED BY ${login}`).then(() => db.admin.query(`DROP ROLE ${login}`));
});

const submit = async (control: pg.Pool = db.admin): Promise<string> => {
  const id = randomUUID();
  const taken = await recordSubmission(control, {
    id,
    kind: 'audit verify',
    request: { args: ['clinica'], options: {} },
    printing: { json: false, yes: true, colors: false },
    slug: `t-${id.slice(0, 8)}`,
    version: '0.1.0',
    who: 'somebody',
  });
  expect(taken).toBe(true);
  return id;
};
const withdraw = (id: string, control: pg.Pool = db.admin) =>
  withdrawSubmission({ control, caller: { who: 'x', door: 'cli', correlationId: randomUUID() } }, id);
const jobs = async (id: string) =>
  (await db.admin.query('SELECT FROM graphile_worker.jobs WHERE key = $1', [`submission ${id}`])).rowCount;

/** A login that may submit and nothing else. */
const submitter = async (login: string): Promise<pg.Pool> => {
  await allowSubmitter({ control: db.admin } as unknown as Runtime, login, PASSWORD);
  const pool = new pg.Pool({ ...db.connection, user: login, password: PASSWORD, max: 1 });
  pools.push(pool);
  return pool;
};

test('one that waits is taken back, with its job, and nothing takes it up', async () => {
  const id = await submit();
  expect(await jobs(id)).toBe(1);
  expect(await withdraw(id)).toMatchObject({ state: 'ended', errorCode: 'cancelled', exitStatus: 8 });
  expect(await jobs(id)).toBe(0);
  expect(await takeSubmission(db.admin, id, randomUUID())).toBeUndefined();
  await expect(withdraw(id)).rejects.toMatchObject({ code: 'conflict' });
});

test('one that a worker has stays, and so does what is not there', async () => {
  const [id, worker] = [await submit(), randomUUID()];
  await db.admin.query(
    `INSERT INTO control.workers (id, host, process_id, version) VALUES ($1, 'here', 1, '0.1.0')`,
    [worker],
  );
  expect(await takeSubmission(db.admin, id, worker)).toMatchObject({ id, attempt: 1 });
  await expect(withdraw(id)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('is at worker here already'),
  });
  expect(await findSubmission(db.admin, id)).toMatchObject({ state: 'running' });
  await expect(withdraw(randomUUID())).rejects.toMatchObject({ code: 'submission_not_found' });
});

test('a login that may only submit takes back its own, and no other', async () => {
  const [one, other] = [await submitter(logins[0] ?? ''), await submitter(logins[1] ?? '')];
  const id = await submit(one);
  await expect(withdraw(id, other)).rejects.toMatchObject({ code: 'permission_denied' });
  expect(await withdraw(id, one)).toMatchObject({ state: 'ended', login: logins[0] });
});
