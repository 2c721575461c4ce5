import { expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { streamLogin } from '../../../data-plane/moves/stream-names.js';
import { dropStreamReader, putStreamReader } from '../../../data-plane/moves/stream-reader.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase();
const MOVES = 6;
const ROUNDS = 15;

test('logins of many moves come and go at once', async () => {
  const comeAndGo = (at: number) =>
    withConnection(db.connection, async (client) => {
      const name = streamLogin(`${at}${at}${at}${at}${at}${at}${at}${at}-0000-4000-8000-000000000000`);
      for (let round = 0; round < ROUNDS; round++) {
        await putStreamReader(client, { user: name, password: 'secret', group: null });
        await dropStreamReader(client, name);
      }
    });
  await Promise.all(Array.from({ length: MOVES }, (_, at) => comeAndGo(at)));
  const { rows } = await db.admin.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'rf\\_move%'`);
  expect(rows).toEqual([]);
});
