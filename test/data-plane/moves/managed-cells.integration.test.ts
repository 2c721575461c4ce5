import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conninfo } from '../../../control-plane/moves/streams.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { compareChanges } from '../../../data-plane/moves/compare-changes.js';
import { dropStreams, readStreams } from '../../../data-plane/moves/found-streams.js';
import { readyForStreams } from '../../../data-plane/moves/ready-for-streams.js';
import { streamLogin } from '../../../data-plane/moves/stream-names.js';
import { putStreamReader } from '../../../data-plane/moves/stream-reader.js';
import { tryWay } from '../../../data-plane/moves/subscription.js';
import { switchHome } from '../../../data-plane/moves/switch-home.js';
import { rdsStreams } from '../../../targets/aws/rds/streams.js';
import { asClinic } from '../../support/cell-database.js';
import { type ManagedCell, startManagedCell } from '../../support/rds/managed-cell.js';
import { enrolMoved, rowsOf, startStream } from './two-cells.js';

const [tenantId, clinicId] = [randomUUID(), randomUUID()];
const clinic = { tenantId, clinicId };
const run = { tenantId, moveId: randomUUID(), attempt: 1 };
const USER = streamLogin(run.moveId);
const PASSWORD = 'of a reader, and in no error';

let source: ManagedCell;
let destination: ManagedCell;
let way: string;

const wayTo = async (from: ManagedCell, to: ManagedCell, password = PASSWORD): Promise<string> => {
  const { keep } = rdsStreams('clinics', async () => to.connection);
  return conninfo(from.connection, USER, await keep(USER, { user: USER, password }));
};
const add = (cell: ManagedCell, name: string, epoch: number) =>
  asClinic(
    cell.app,
    { ...clinic, epoch },
    (client) =>
      client.query('INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30)', [name]),
    'COMMIT',
  );
const trying = (given: string): Promise<string | undefined> =>
  withConnection(destination.connection, (client) => tryWay(client, `${USER}_try`, given));

beforeAll(async () => {
  source = await startManagedCell();
  destination = await startManagedCell(source.postgres);
  await enrolMoved(source, clinic, true);
  await enrolMoved(destination, clinic, false);
  for (let at = 0; at < 5; at++) await add(source, `before ${at}`, 1);
  const { group } = rdsStreams('clinics', async () => source.connection);
  await withConnection(source.connection, (client) =>
    putStreamReader(client, { user: USER, password: PASSWORD, group }),
  );
  way = await wayTo(source, destination);
});
afterAll(async () => {
  await destination?.stop();
  await source?.stop();
});

test('a server says why it does not reach the other one, and no message has the password', async () => {
  expect(await trying(way)).toBeUndefined();
  const wrong = await trying(await wayTo(source, destination, 'another'));
  expect(wrong).toContain('password authentication failed');
  expect(await trying(way.replace(/port=\d+/, 'port=9'))).toMatch(/Connection refused/);
  const stranger = way.replace(/sslrootcert='[^']*'/, 'sslrootcert=system');
  expect(await trying(stranger)).toContain('certificate verify failed');
  const { rows } = await destination.admin.query<{ query: string }>('SELECT query FROM pg_stat_activity');
  expect(JSON.stringify([wrong, rows])).not.toContain(PASSWORD);
});

test('rows follow, and the home switches, where nobody is a superuser', async () => {
  for (const cell of [source, destination])
    await withConnection(cell.connection, (client) => readyForStreams(client, 'clinics'));
  let { seen } = await startStream(source, destination, run, clinic, way);
  await add(source, 'after the copy', 1);
  await source.admin.query(`UPDATE clinical.services SET name = 'changed' WHERE name = 'before 1'`);
  await source.admin.query(`DELETE FROM clinical.services WHERE name = 'before 0'`);
  await withConnection(source.connection, (from) =>
    withConnection(destination.connection, async (to) => {
      const compared = await compareChanges(from, to, run, { seen, waitMs: 10_000 });
      expect(compared).toMatchObject({ left: 0, isChainEqual: true });
      seen = compared?.seen ?? seen;
      await switchHome({ source: from, destination: to }, run, {
        epoch: 2,
        seen,
        drainMs: 2_000,
        arriveMs: 10_000,
        tries: 1,
        retryMs: 10,
        flip: async () => undefined,
        reopen: async () => undefined,
        reached: () => undefined,
      });
    }),
  );
  const rows = await rowsOf(source.admin, 'clinical.services', clinicId);
  expect(rows).toHaveLength(5);
  expect(await rowsOf(destination.admin, 'clinical.services', clinicId)).toEqual(rows);
  await expect(add(source, 'too late', 1)).rejects.toMatchObject({ code: 'RF008' });
  await add(destination, 'in the new home', 2);
});

test('nothing of a stream stays', async () => {
  for (const { connection } of [destination, source])
    await withConnection(connection, async (client) => {
      await dropStreams(client, await readStreams(client));
      expect(await readStreams(client)).toEqual([]);
    });
});
