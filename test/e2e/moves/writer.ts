// An application with one writer and one reader, for as long as its standard input is open. Appends what it did to a file (history.ts).
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createAccess, openLocalProject, RingfenceError } from '../../../data-plane/access/index.js';
import { AUDIENCE, ISSUER, identityProvider } from '../../data-plane/access/token-maker.js';
import type { HistoryEvent, Seen } from './history.js';

const SEEN = `SELECT (SELECT value FROM shop.counters WHERE name = 'marks') AS counter,
  (SELECT jsonb_object_agg(writer, n) FROM shop.latest) AS latest`;

const {
  home,
  clinicId,
  userId,
  writer,
  file,
  moveWaitMs,
  pauseMs = 15,
} = JSON.parse(process.argv[2] ?? '{}');
const idp = identityProvider();
const project = openLocalProject(home);
const access = createAccess({
  ...project,
  keys: idp.keys,
  issuer: ISSUER,
  audience: AUDIENCE,
  moveWaitMs,
  timeoutMs: moveWaitMs,
});
// Tokens end after five minutes.
const token = (): string => idp.token(clinicId, { sub: userId });

const history = openSync(file, 'a');
const record = (event: HistoryEvent): void => void writeSync(history, `${JSON.stringify(event)}\n`);
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const codeOf = (error: unknown): string =>
  error instanceof RingfenceError ? error.code : `${(error as Error).name}: ${(error as Error).message}`;

let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

const write = async (n: number, last: number): Promise<number> => {
  const id = randomUUID();
  const beganMs = nowMs();
  try {
    await access.run(token(), clinicId, async (db) => {
      await db.query('INSERT INTO shop.marks (id, writer, n) VALUES ($1, $2, $3)', [id, writer, n]);
      await db.query(
        'INSERT INTO shop.latest (writer, n) VALUES ($1, $2) ON CONFLICT (clinic_id, writer) DO UPDATE SET n = excluded.n',
        [writer, n],
      );
      await db.query('DELETE FROM shop.passing WHERE writer = $1', [writer]);
      await db.query('INSERT INTO shop.passing (writer, n) VALUES ($1, $2)', [writer, n]);
      await db.query(`UPDATE shop.counters SET value = value + 1 WHERE name = 'marks'`);
    });
    record({ kind: 'write', writer, id, n, beganMs, endedMs: nowMs() });
    return n;
  } catch (error) {
    record({ kind: 'write', writer, id, n, beganMs, endedMs: nowMs(), error: codeOf(error) });
    return last;
  }
};

const read = async (how: 'query' | 'run'): Promise<void> => {
  const beganMs = nowMs();
  try {
    const { rows } =
      how === 'query'
        ? await access.query<Seen & Record<string, unknown>>(token(), clinicId, SEEN)
        : await access.run(token(), clinicId, (db) => db.query<Seen & Record<string, unknown>>(SEEN), {
            readOnly: true,
          });
    const [row] = rows;
    const seen = { counter: row?.counter ?? 0, latest: row?.latest ?? {} };
    record({ kind: 'read', by: `${writer} by ${how}`, beganMs, endedMs: nowMs(), seen });
  } catch (error) {
    record({ kind: 'read', by: `${writer} by ${how}`, beganMs, endedMs: nowMs(), error: codeOf(error) });
  }
};

const writing = async (): Promise<void> => {
  for (let n = 1, last = 0; !isOver; n++) {
    const before = last;
    last = await write(n, last);
    await pause(last === before ? 50 : pauseMs);
  }
};
const reading = async (): Promise<void> => {
  for (let at = 0; !isOver; at++) {
    await read(at % 2 === 0 ? 'query' : 'run');
    await pause(pauseMs);
  }
};

await Promise.all([writing(), reading()]);
await access.close();
await project.close();
closeSync(history);
process.exit(0);
