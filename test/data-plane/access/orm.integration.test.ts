import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantDatabase } from '../../../data-plane/access/index.js';
import { kyselyFor, offerService } from '../../../examples/access/kysely.js';
import { prismaFor } from '../../../examples/access/prisma.js';
import { type Colleague, useClinics } from './clinic-scene.js';

const here = dirname(fileURLToPath(import.meta.url));

interface Service {
  readonly name: string;
}
/** What the generated client offers, as far as these tests use it. */
interface ServicesClient {
  readonly service: {
    findMany(query?: object): Promise<Service[]>;
    create(query: {
      data: { name: string; durationMinutes: number };
    }): Promise<Service & { clinicId: string }>;
    count(): Promise<number>;
  };
  $transaction<T>(
    work: (inner: ServicesClient) => Promise<T>,
    options?: { isolationLevel: string },
  ): Promise<T>;
}

describe('libraries on the connection of a run', () => {
  const scene = useClinics();
  let a: Colleague;
  let b: Colleague;
  let generated = '';
  let PrismaClient: new (options: object) => ServicesClient;

  beforeAll(async () => {
    a = await scene.clinic('a');
    b = await scene.clinic('b');
    generated = mkdtempSync(join(here, 'prisma-client-'));
    const schema = readFileSync(join(here, '../../../examples/access/schema.prisma'), 'utf8');
    writeFileSync(join(generated, 'schema.prisma'), schema.replace('./prisma-client', './client'));
    const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
    // The client runs in this process; the engine that migrates is not needed, and so not downloaded.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
    execFileSync(process.execPath, [prisma, 'generate', '--schema', join(generated, 'schema.prisma')], {
      env,
      cwd: generated,
      stdio: 'pipe',
    });
    ({ PrismaClient } = await import(join(generated, 'client', 'client.ts')));
  });
  afterAll(() => rmSync(generated, { recursive: true, force: true }));

  const as = <T>(who: Colleague, work: (db: TenantDatabase) => Promise<T>): Promise<T> =>
    scene.access().run(who.token(), who.clinicId, work);

  it('Kysely reads and writes one clinic, and its transaction is part of the run', async () => {
    expect(await as(a, (db) => offerService(db, 'Botox', 30))).toEqual(['Botox']);
    expect(await as(b, (db) => offerService(db, 'Filling', 45))).toEqual(['Filling']);
    const undone = as(a, async (db) => {
      await offerService(db, 'Undone', 10);
      throw new Error('the run fails after the inner transaction committed');
    });
    await expect(undone).rejects.toThrow('the run fails');
    const inner = await as(a, async (db) => {
      const kysely = kyselyFor(db);
      const failing = kysely.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('clinical.services')
          .values({ name: 'Inner', duration_minutes: 1 })
          .execute();
        throw new Error('only the inner one');
      });
      await failing.catch(() => undefined);
      return offerService(db, 'After', 5);
    });
    expect(inner).toEqual(['After', 'Botox']);
  });

  it('Prisma reads and writes one clinic, and its transaction is part of the run', async () => {
    const created = await as(b, (db) =>
      prismaFor(PrismaClient, db).service.create({ data: { name: 'Prisma', durationMinutes: 20 } }),
    );
    expect(created).toMatchObject({ name: 'Prisma', clinicId: b.clinicId });
    const names = await as(b, async (db) => {
      const prisma = prismaFor(PrismaClient, db);
      await prisma.$transaction(async (inner) => {
        await inner.service.create({ data: { name: 'Nested', durationMinutes: 20 } });
      });
      const failing = prisma.$transaction(async (inner) => {
        await inner.service.create({ data: { name: 'Undone', durationMinutes: 20 } });
        throw new Error('only the inner one');
      });
      await failing.catch(() => undefined);
      return (await prisma.service.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);
    });
    expect(names).toEqual(['Filling', 'Nested', 'Prisma']);
    expect(await as(a, (db) => prismaFor(PrismaClient, db).service.count())).toBe(2);
  });

  it('keep their savepoints and options, and are told of an isolation that a run does not have', async () => {
    const insert = { duration_minutes: 1 };
    const names = await as(a, async (db) => {
      const kysely = kyselyFor(db);
      const controlled = await kysely.startTransaction().execute();
      const kept = await controlled.savepoint('kept').execute();
      await kept
        .insertInto('clinical.services')
        .values({ name: 'Undone', ...insert })
        .execute();
      const back = await kept.rollbackToSavepoint('kept').execute();
      await back
        .insertInto('clinical.services')
        .values({ name: 'Savepoint', ...insert })
        .execute();
      await (await back.releaseSavepoint('kept').execute()).commit().execute();
      const reading = kysely.transaction().setAccessMode('read only');
      await expect(
        reading.execute((inner) =>
          inner
            .insertInto('clinical.services')
            .values({ name: 'Read only', ...insert })
            .execute(),
        ),
      ).rejects.toMatchObject({ sqlState: '25006' });
      const serializable = kysely.transaction().setIsolationLevel('serializable');
      await expect(serializable.execute(async () => undefined)).rejects.toMatchObject({
        code: 'statement_not_allowed',
      });
      const prisma = prismaFor(PrismaClient, db);
      const prismaAt = (isolationLevel: string, name: string) =>
        prisma.$transaction((inner) => inner.service.create({ data: { name, durationMinutes: 1 } }), {
          isolationLevel,
        });
      await prismaAt('ReadCommitted', 'Committed');
      await expect(prismaAt('Serializable', 'Never')).rejects.toThrow(/READ COMMITTED/);
      return (await prisma.service.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);
    });
    expect(names).toEqual(['After', 'Botox', 'Committed', 'Savepoint']);
  });

  it('are refused once the run has ended, and end no transaction but their own', async () => {
    let prisma: ServicesClient | undefined;
    let kysely: ReturnType<typeof kyselyFor> | undefined;
    await as(a, async (db) => {
      prisma = prismaFor(PrismaClient, db);
      kysely = kyselyFor(db);
      await kysely.destroy();
      expect(await prisma.service.count()).toBe(4);
    });
    await expect(prisma?.service.count()).rejects.toThrow(/has ended/);
    const late = kysely?.selectFrom('clinical.services').select('name').execute();
    await expect(late).rejects.toThrow();
  });
});
