import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../../../data-plane/access/create-access.js';
import type { TenantDatabase } from '../../../../data-plane/access/tenant-database.js';
import { type Colleague, SERVICE, useClinics } from '../clinic-scene.js';
import { endOfRun, type Program, perform, program } from './programs.js';

/** Going back to a savepoint takes the later ones away. */
const DESTROYED: Program = [
  { do: 'SAVEPOINT', name: 'a' },
  { do: 'SAVEPOINT', name: 'b' },
  { do: 'ROLLBACK TO', name: 'a' },
  { do: 'RELEASE', name: 'b' },
  { do: 'insert', name: 'saved' },
];

describe('what a run saves', () => {
  const scene = useClinics();
  let a: Colleague;
  let access: Access;

  beforeAll(async () => {
    a = await scene.clinic('a');
  });

  const takeNames = async (): Promise<string[]> => {
    const { rows } = await scene.database.admin.query(
      'DELETE FROM clinical.services WHERE clinic_id = $1 RETURNING name',
      [a.clinicId],
    );
    return rows.map(({ name }) => name).sort();
  };
  const run = <T>(work: (db: TenantDatabase) => Promise<T>): Promise<T> =>
    access.run(a.token(), a.clinicId, work);
  const add = (name: string) => access.query(a.token(), a.clinicId, SERVICE, [name]);

  it('leaves out what a nested run wrote that threw, whichever handle it used', async () => {
    access = scene.access();
    await run(async (db) => {
      await db.query(SERVICE, ['outer']);
      const nested = run(async () => {
        await db.query(SERVICE, ['undone']);
        await run((inner) => inner.query(SERVICE, ['undone too']));
        throw new RangeError('of the nested work');
      });
      await expect(nested).rejects.toThrow(RangeError);
      await run((inner) => inner.query(SERVICE, ['nested']));
      await db.query(SERVICE, ['after']);
    });
    expect(await takeNames()).toEqual(['after', 'nested', 'outer']);
  });

  it('goes on after a failed statement of a nested run, and after one by access.query', async () => {
    access = scene.access();
    await run(async (db) => {
      await expect(run((inner) => inner.query('SELECT 1/0'))).rejects.toMatchObject({ sqlState: '22012' });
      const swallowed = run(async (inner) => {
        await inner.query(SERVICE, ['undone']);
        await inner.query('SELECT 1/0').catch(() => undefined);
      });
      await expect(swallowed).rejects.toMatchObject({ code: 'database_refused', message: /nothing/ });
      const joined = access.query(a.token(), a.clinicId, 'SELECT 1/0');
      await expect(joined).rejects.toMatchObject({ sqlState: '22012' });
      await add('joined');
      await db.query(SERVICE, ['after']);
    });
    expect(await takeNames()).toEqual(['after', 'joined']);
  });

  it('is right when nested runs, joined statements and the outer run go on at once', async () => {
    access = scene.access();
    await run(async (db) => {
      const outcomes = await Promise.allSettled([
        run(async (inner) => {
          await inner.query(SERVICE, ['first']);
          await pause(5);
          await inner.query(SERVICE, ['first again']);
        }),
        run(async (inner) => {
          await inner.query(SERVICE, ['undone']);
          await pause(5);
          throw new RangeError('of the nested work');
        }),
        add('joined'),
        access.query(a.token(), a.clinicId, 'SELECT 1/0'),
        db.query(SERVICE, ['outer']),
        pause(3).then(() => db.query(SERVICE, ['outer, later'])),
      ]);
      expect(outcomes.map(({ status }) => status[0])).toEqual(['f', 'r', 'f', 'r', 'f', 'f']);
    });
    expect(await takeNames()).toEqual(['first', 'first again', 'joined', 'outer', 'outer, later']);
  });

  it('lets a nested run go on that waits for a statement which waits for it', async () => {
    access = scene.access({ timeoutMs: 15_000 });
    await run(async (db) => {
      let outer: Promise<unknown> = Promise.resolve();
      const nested = run(async (inner) => {
        await inner.query(SERVICE, ['undone']);
        await pause(100);
        await outer;
      });
      await pause(50);
      outer = db.query('SELECT 1');
      await expect(nested).rejects.toMatchObject({
        code: 'not_in_context',
        message: /waits for a nested run/,
      });
      await db.query(SERVICE, ['after']);
    });
    expect(await takeNames()).toEqual(['after']);
  });

  it('is nothing when a nested run is not waited for, and a nested handle ends with its run', async () => {
    access = scene.access();
    let nested: Promise<unknown> | undefined;
    const unfinished = run(async () => {
      nested = run(async (inner) => {
        await inner.query(SERVICE, ['half']);
        await pause(50);
        await inner.query(SERVICE, ['other half']);
      });
      nested.catch(() => undefined);
      await pause(20);
    });
    await expect(unfinished).rejects.toMatchObject({ code: 'not_in_context', message: /nothing was saved/ });
    await expect(nested).rejects.toMatchObject({ code: 'not_in_context' });
    let late: Promise<unknown> | undefined;
    await run(async (db) => {
      await run(async (inner) => {
        late = pause(10).then(() => inner.query(SERVICE, ['late']));
        late.catch(() => undefined);
      });
      await pause(30);
      await db.query(SERVICE, ['after']);
    });
    await expect(late).rejects.toMatchObject({ code: 'not_in_context', message: /nested run/ });
    expect(await takeNames()).toEqual(['after']);
  });

  it('is not harmed by what a nested run that threw has left going on', async () => {
    access = scene.access();
    const floating: Promise<unknown>[] = [];
    const leave = (work: Promise<unknown>): void => {
      work.catch(() => undefined);
      floating.push(work);
    };
    await run(async (db) => {
      const nested = run(async (inner) => {
        await inner.query('BEGIN');
        leave(access.query(a.token(), a.clinicId, 'SELECT 1 / (SELECT 0 FROM pg_sleep(0.03))'));
        leave(
          run(async (deeper) => {
            await deeper.query(SERVICE, ['undone']);
            await pause(60);
          }),
        );
        await pause(10);
        throw new RangeError('of the nested work');
      });
      await expect(nested).rejects.toThrow(RangeError);
      await db.query(SERVICE, ['between']);
      await pause(100);
      await db.query(SERVICE, ['after']);
    });
    const outcomes = await Promise.allSettled(floating);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const deep = run(async (db) => {
      const nested = run(async () => {
        leave(
          run(async (deeper) => {
            await deeper.query(SERVICE, ['undone']);
            await pause(30);
          }),
        );
        await pause(10);
        throw new RangeError('of the nested work');
      });
      await expect(nested).rejects.toThrow(RangeError);
      await pause(60);
      await db.query(SERVICE, ['last']);
    });
    await deep;
    expect(await takeNames()).toEqual(['after', 'between', 'last']);
  });

  it('is what a model says of any program', async () => {
    access = scene.access();
    const rarely = fc.nat(5).map((n) => n === 5);
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(program, rarely, async (steps: Program, throws) => {
        const expected = endOfRun(steps, throws);
        const trace: boolean[] = [];
        const outcome = await run(async (db) => {
          await perform(steps, { db, run, add }, trace);
          if (throws) throw new Error('of the application');
        }).then(
          () => 'saved',
          () => 'refused',
        );
        expect({ outcome, names: await takeNames(), trace }).toEqual(expected);
        if (expected.names.length > 0) saved++;
      }),
      { numRuns: 300, examples: [[DESTROYED, false]] },
    );
    expect(saved).toBeGreaterThan(60);
  });
});
