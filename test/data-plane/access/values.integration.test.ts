import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { grantAsManaged, TEST_CONTEXT_KEY } from '../../support/cell-database.js';
import { type Colleague, useClinics } from './clinic-scene.js';

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const READER = fileURLToPath(new URL('./read-values.ts', import.meta.url));

/** Columns of shop.values: type, what is stored, and what leaves. */
const VALUES: Readonly<Record<string, readonly [type: string, stored: string, read: unknown]>> = {
  day: ['date', '1980-02-01', '1980-02-01'],
  day_bc: ['date', '0044-03-15 BC', '0044-03-15 BC'],
  day_late: ['date', '5874897-12-31', '5874897-12-31'],
  day_never: ['date', 'infinity', 'infinity'],
  days: ['date[]', '{1980-02-01,NULL,-infinity}', ['1980-02-01', null, '-infinity']],
  grid: ['date[]', '{{1980-02-01},{2026-03-29}}', [['1980-02-01'], ['2026-03-29']]],
  local_time: ['timestamp', '2026-03-29 02:30:00.123456', '2026-03-29 02:30:00.123456'],
  local_times: ['timestamp[]', '{"2026-03-29 02:30:00",infinity}', ['2026-03-29 02:30:00', 'infinity']],
  instant: ['timestamptz', '2026-03-29 01:30:00.5+00', { instant: '2026-03-29T01:30:00.500Z' }],
  instant_bc: ['timestamptz', '0044-03-15 12:00:00+00 BC', { instant: '-000043-03-15T12:00:00.000Z' }],
  instant_late: ['timestamptz', '294276-01-01 00:00:00+00', '294276-01-01 00:00:00+00'],
  instant_never: ['timestamptz', '-infinity', '-infinity'],
  instants: [
    'timestamptz[]',
    '{"2026-01-01 00:00:00+00",infinity}',
    [{ instant: '2026-01-01T00:00:00.000Z' }, 'infinity'],
  ],
  large: ['bigint', '9223372036854775807', '9223372036854775807'],
  larges: ['bigint[]', '{9223372036854775807,NULL,-1}', ['9223372036854775807', null, '-1']],
  exact: ['numeric', '12345678901234567890.10', '12345678901234567890.10'],
  exacts: ['numeric[]', '{12345678901234567890.10,NULL,NaN}', ['12345678901234567890.10', null, 'NaN']],
  lasts: ['interval', 'infinity', 'infinity'],
  lasting: ['interval', '1 day 02:00:00', { days: 1, hours: 2 }],
  small: ['integer', '7', 7],
};

describe('a value that leaves the access library', () => {
  const scene = useClinics();
  let who: Colleague;

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    who = await scene.clinic('values');
    const columns = Object.entries(VALUES).map(([name, [type]]) => `${name} ${type}`);
    await scene.database.admin.query(
      `CREATE SCHEMA shop AUTHORIZATION ringfence_owner;
       CREATE TABLE shop.values (clinic_id uuid NOT NULL, id integer, note_sealed bytea, ${columns.join(', ')}, PRIMARY KEY (clinic_id, id));
       ALTER TABLE shop.values OWNER TO ringfence_owner;
       SELECT ringfence.protect('shop.values');`,
    );
    await scene.database.admin.query(
      `INSERT INTO shop.values (clinic_id, id, ${Object.keys(VALUES).join(', ')})
       VALUES ($1, 1, ${Object.keys(VALUES).map((_, at) => `$${at + 2}`)})`,
      [who.clinicId, ...Object.values(VALUES).map(([, stored]) => stored)],
    );
  });

  const readIn = async (zone: string) => {
    const { tenantId, clinicId, userId } = who;
    const child = spawn(process.execPath, [TSX, READER], {
      env: { ...process.env, TZ: zone },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(
      JSON.stringify({
        connection: scene.database.appConnection,
        contextKey: { keyId: TEST_CONTEXT_KEY.keyId, secret: TEST_CONTEXT_KEY.secret.toString('hex') },
        ...{ tenantId, clinicId, userId },
      }),
    );
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  };

  const expected = {
    id: 1,
    ...Object.fromEntries(Object.entries(VALUES).map(([name, [, , read]]) => [name, read])),
  };

  it.each([
    ['UTC', 0],
    ['Europe/Madrid', -60],
    ['America/New_York', 300],
    ['Pacific/Apia', -780],
    ['Asia/Kolkata', -330],
  ])('is what is stored, in every way, in %s', async (zone, offsetMinutes) => {
    const read = await readIn(zone);
    expect(read.zone).toBe(offsetMinutes);
    expect(new Set(read.rows.map(([way]: [string]) => way)).size).toBe(7);
    for (const [way, row] of read.rows) expect([way, row]).toEqual([way, expected]);
    expect(read.own).toEqual([{ day: 'own 1980-02-01' }]);
  });

  it('is refused rather than misread where the session writes dates in another way', async () => {
    const access = scene.access();
    for (const column of ['day', 'local_time', 'instant']) {
      const read = access.run(who.token(), who.clinicId, async (db) => {
        await db.query(`SELECT set_config('datestyle', 'SQL, DMY', true)`);
        return db.query(`SELECT ${column} FROM shop.values`);
      });
      await expect(read).rejects.toMatchObject({ code: 'config_invalid' });
    }
  });
});
