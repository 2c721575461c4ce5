import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementKind } from '../../../../data-plane/access/context/statement-kind.js';
import type { Access } from '../../../../data-plane/access/create-access.js';
import type { TenantDatabase } from '../../../../data-plane/access/tenant-database.js';
import { type Colleague, SERVICE, useClinics } from '../clinic-scene.js';
import { hasPgBouncer, startPgBouncer } from '../pgbouncer.js';

const ONE = { connectionsPerCell: 1, connectionsPerTenant: 1 };
const NAMES = 'SELECT name FROM clinical.services ORDER BY name';

/** What would end the transaction, or leave something on the connection. */
const REFUSED = [
  'COMMIT AND CHAIN',
  'ROLLBACK AND CHAIN',
  'END AND CHAIN;',
  '/* x */ COMMIT /* */ AND CHAIN',
  'ABORT TRANSACTION AND CHAIN',
  `PREPARE TRANSACTION 'x'`,
  '\ufeffCOMMIT',
  ';COMMIT',
  `PREPARE kept AS SELECT 1`,
  'DECLARE kept CURSOR WITH HOLD FOR SELECT 1',
  'LISTEN kept',
  `SET "my.setting" = '1'`,
  'SET seed TO 0.5',
  'LOCK TABLE clinical.services',
  'EXPLAIN ANALYZE DELETE FROM clinical.services',
];

/** Ends of a transaction that is the run's. */
const ENDS = [
  'COMMIT',
  'COMMIT;',
  'END',
  '/* x */ COMMIT',
  '-- x\nCOMMIT',
  'rollback work',
  'ABORT',
  'ROLLBACK;',
];

type Scene = ReturnType<typeof useClinics>;

const WAYS: [
  string,
  (db: TenantDatabase, text: string, join: (text: string) => Promise<unknown>) => Promise<unknown>,
][] = [
  ['db.query', (db, text) => db.query(text)],
  ['db.client', (db, text) => db.client.query({ text, name: 'named' })],
  ['db.pool', (db, text) => db.pool.query(text)],
  ['a client of db.pool', async (db, text) => (await db.pool.connect()).query(text)],
  ['access.query in a run', (_, text, join) => join(text)],
];

/** Deletes the services of a clinic. @returns their names. */
const takeNames = async (scene: Scene, { clinicId }: Colleague): Promise<string[]> => {
  const { rows } = await scene.database.admin.query(
    'DELETE FROM clinical.services WHERE clinic_id = $1 RETURNING name',
    [clinicId],
  );
  return rows.map(({ name }) => name).sort();
};

const itHolds = (scene: Scene, who: () => Colleague): void => {
  const names = () => takeNames(scene, who());

  it.each(WAYS)(
    'by %s: what would end the transaction is not sent, and the run stays whole',
    async (_, send) => {
      const { token, clinicId } = who();
      const access = scene.access(ONE);
      const run = <T>(work: (db: TenantDatabase) => Promise<T>) => access.run(token(), clinicId, work);
      const join = (text: string) => access.query(token(), clinicId, text);
      for (const text of [...REFUSED, ...ENDS]) {
        const code = /not_in_context|statement_not_allowed/;
        const failing = run(async (db) => {
          await db.query(SERVICE, ['before']);
          await send(db, text, join);
        });
        await expect(failing, text).rejects.toMatchObject({ code });
        expect(await names(), text).toEqual([]);
        const thrown = run(async (db) => {
          await db.query(SERVICE, ['before']);
          await send(db, text, join).catch(() => undefined);
          await db.query(SERVICE, ['after']);
          throw new RangeError('of the application');
        });
        await expect(thrown, text).rejects.toThrow(RangeError);
        expect(await names(), text).toEqual([]);
        const returned = await run(async (db) => {
          await db.query(SERVICE, ['before']);
          const error = await send(db, text, join).catch((caught) => caught);
          expect(error, text).toMatchObject({ code, fix: expect.any(String) });
          await db.query(SERVICE, ['after']);
          return 'saved';
        });
        expect(returned).toBe('saved');
        expect(await names(), text).toEqual(['after', 'before']);
      }
    },
  );

  it('by access.query: nothing but queries, prepared on the connection or not', async () => {
    const { token, clinicId } = who();
    const access = scene.access(ONE);
    const query = (text: string, values: unknown[] = []) => access.query(token(), clinicId, text, values);
    for (let round = 0; round < 2; round++) {
      for (const text of [...REFUSED, ...ENDS, 'BEGIN', 'SAVEPOINT a', 'SET LOCAL lock_timeout = 1'])
        await expect(query(text), text).rejects.toMatchObject({ code: 'statement_not_allowed' });
      await query(NAMES);
    }
    await query(SERVICE, ['saved']);
    expect(await names()).toEqual(['saved']);
  });
};

describe('statements in a clinic', () => {
  const scene = useClinics();
  let a: Colleague;
  let access: Access;

  beforeAll(async () => {
    a = await scene.clinic('a');
  });

  const names = () => takeNames(scene, a);
  const run = <T>(work: (db: TenantDatabase) => Promise<T>): Promise<T> =>
    access.run(a.token(), a.clinicId, work);

  itHolds(scene, () => a);

  it('keeps savepoints of the application, and lets none of them reach those of others', async () => {
    access = scene.access();
    const refused = { code: 'statement_not_allowed' };
    await run(async (db) => {
      await db.query('SAVEPOINT "Outer"');
      await db.query(SERVICE, ['outer']);
      await db.query('BEGIN');
      await db.query(SERVICE, ['undone']);
      await expect(db.query('ROLLBACK TO "Outer"')).rejects.toMatchObject(refused);
      await expect(db.query('RELEASE "Outer"')).rejects.toMatchObject(refused);
      await expect(db.query('ROLLBACK TO ringfence_1')).rejects.toMatchObject(refused);
      await db.query('SAVEPOINT inner');
      await db.query('ROLLBACK TO SAVEPOINT inner');
      await db.query('ROLLBACK');
      await access.run(a.token(), a.clinicId, async (inner) => {
        await expect(inner.query('ROLLBACK TO "Outer"')).rejects.toMatchObject(refused);
        await expect(inner.query('COMMIT')).rejects.toMatchObject({ code: 'not_in_context' });
        await inner.query(SERVICE, ['nested']);
      });
      await db.query('SAVEPOINT again');
      await db.query(SERVICE, ['released']);
      await db.query('RELEASE again');
      await expect(db.query('ROLLBACK TO again')).rejects.toMatchObject(refused);
    });
    expect(await names()).toEqual(['nested', 'outer', 'released']);
  });

  it('keeps READ ONLY of a library to its own transaction', async () => {
    access = scene.access();
    await run(async (db) => {
      await db.query('START TRANSACTION READ ONLY');
      await expect(db.query(SERVICE, ['never'])).rejects.toMatchObject({ sqlState: '25006' });
      await db.query('ROLLBACK');
      await db.query('begin read only');
      await db.query('commit');
      await db.query(SERVICE, ['after']);
    });
    expect(await names()).toEqual(['after']);
  });

  it('refuses transactions of two libraries that overlap, and saves nothing of them', async () => {
    access = scene.access();
    const overlapping = run(async (db) => {
      const [first, second] = [await db.pool.connect(), await db.pool.connect()];
      await first.query('BEGIN');
      await second.query('BEGIN');
      await second.query(SERVICE, ['second']);
      await expect(first.query('ROLLBACK')).rejects.toMatchObject({ code: 'not_in_context' });
      await second.query('COMMIT');
    });
    await expect(overlapping).rejects.toMatchObject({ code: 'not_in_context', message: /nothing was saved/ });
    const left = run(async (db) => {
      await db.query('BEGIN');
      await db.query(SERVICE, ['half']);
    });
    await expect(left).rejects.toMatchObject({ code: 'not_in_context', message: /nothing was saved/ });
    expect(await names()).toEqual([]);
  });

  it('never lets through what ends a transaction, however it is written', async () => {
    const client = new pg.Client(scene.database.appConnection);
    await client.connect();
    const send = (text: string) => client.query({ text, queryMode: 'extended' } as pg.QueryConfig);
    const pieces = fc.constantFrom(
      ...[
        ' ',
        '\t',
        '\n',
        '\r',
        '\v',
        '\f',
        '\u00a0',
        '\ufeff',
        '\u2028',
        '--',
        '/*',
        '*/',
        '/',
        '*',
        '(',
        ')',
      ],
      ...[';', '"', "'", '$$', 'U&', '\\', '--x\n', '/* */', '/*/* */', 'x', '1', ','],
      ...[
        'COMMIT',
        'ROLLBACK',
        'END',
        'ABORT',
        'BEGIN',
        'START',
        'TRANSACTION',
        'WORK',
        'AND',
        'CHAIN',
        'PREPARE',
      ],
      ...[
        'SELECT',
        'VALUES',
        'TABLE',
        'WITH',
        'SHOW',
        'SET',
        'LOCAL',
        'TO',
        'SAVEPOINT',
        'lock_timeout',
        '=',
      ],
    );
    let sent = 0;
    const program = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    const spaced = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(' '));
    await client.query('BEGIN');
    const started = (await client.query('SELECT now() AS at')).rows[0].at.getTime();
    await client.query('SAVEPOINT kept');
    await fc.assert(
      fc.asyncProperty(fc.oneof(program, spaced), async (text) => {
        let kind: string;
        try {
          ({ kind } = statementKind(text));
        } catch {
          return;
        }
        if (kind !== 'query' && kind !== 'setting') return;
        sent++;
        await send(text).catch(() => undefined);
        await client.query('ROLLBACK TO SAVEPOINT kept');
        expect((await client.query('SELECT now() AS at')).rows[0].at.getTime()).toBe(started);
      }),
      { numRuns: 4_000 },
    );
    await client.end();
    expect(sent).toBeGreaterThan(200);
  });
});

const missing = hasPgBouncer() ? '' : ', which is not installed';

describe.skipIf(missing !== '')(`statements in a clinic behind PgBouncer${missing}`, () => {
  const scene = useClinics();
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  let a: Colleague;

  beforeAll(async () => {
    a = await scene.clinic('pooled');
    bouncer = await startPgBouncer(scene.database.appConnection, 1);
    const known = scene.located.get(a.clinicId);
    if (known)
      scene.located.set(a.clinicId, { ...known, connection: bouncer.connection, pooler: 'transaction' });
  });
  afterAll(() => bouncer.stop());
  itHolds(scene, () => a);
});
