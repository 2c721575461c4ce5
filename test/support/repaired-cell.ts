import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { asAdministrator, type Connection, withConnection } from '../../data-plane/database/connect.js';
import type { Difference } from '../../data-plane/database/defences.js';
import { lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import { prepareCell } from '../../data-plane/database/prepare-cell.js';
import { repairCell } from '../../data-plane/database/repair/repair-cell.js';
import { createRoles } from '../../data-plane/database/roles.js';
import { ensureLocalServer, purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { TEST_CONTEXT_KEY } from './cell-database.js';

export const CREDENTIALS = { appPassword: 'app', keeperPassword: 'keeper', contextKey: TEST_CONTEXT_KEY };

/** One clinic with a doctor, a subscription and a service. */
const SEED = `
  INSERT INTO ringfence.tenants (id, slug, state) VALUES ('00000000-0000-4000-8000-000000000001', 'uno', 'active');
  INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
  SELECT '00000000-0000-4000-8000-000000000002', id, 'uno', 'Uno', 'dental', 'UTC', 'active' FROM ringfence.tenants;
  INSERT INTO clinical.staff (clinic_id, user_id, full_name, role)
  SELECT id, gen_random_uuid(), 'A doctor', 'doctor' FROM ringfence.clinics;
  INSERT INTO clinical.subscriptions (clinic_id, plan, status, trial_ends_at)
  SELECT id, 'basic', 'TRIAL', now() + interval '9 days' FROM ringfence.clinics;
  INSERT INTO clinical.services (clinic_id, name, duration_minutes) SELECT id, 'A service', 30 FROM ringfence.clinics`;

type Server = Pick<Connection, 'host' | 'port' | 'user' | 'password'>;

export type RepairedCell = ReturnType<typeof useRepairedCell>;

/** Starts the embedded Postgres. */
const embedded = async (): Promise<{ server: Server; stop(): void }> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-repair-'));
  const { host, port, user, password } = await ensureLocalServer(dir);
  return { server: { host, port, user, password }, stop: () => purgeLocalServer(dir) };
};

/** A cell on a server of its own, because damage to roles reaches every database of a server. */
export const useRepairedCell = (start: () => Promise<{ server: Server; stop(): void }> = embedded) => {
  let admin: Connection;
  let stop: () => void = () => undefined;
  beforeAll(async () => {
    const started = await start();
    stop = started.stop;
    admin = asAdministrator({ ...started.server, database: 'repaired' });
    await withConnection({ ...admin, database: 'postgres' }, async (client) => {
      await createRoles(client);
      await client.query('CREATE DATABASE repaired');
    });
    await withConnection(admin, async (client) => {
      await prepareCell(client, CREDENTIALS);
      await client.query(SEED);
    });
  });
  afterAll(() => stop());
  const asAdmin = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => withConnection(admin, work);
  const repairing = (dryRun: boolean) => (): Promise<Difference[]> =>
    asAdmin((client) => repairCell(client, CREDENTIALS, { dryRun }));
  return {
    admin: (): Connection => admin,
    app: (): Connection => {
      const { options: _, ...place } = admin;
      return { ...place, user: 'ringfence_app', password: CREDENTIALS.appPassword };
    },
    asAdmin,
    look: repairing(true),
    repair: repairing(false),
  };
};

/** Damages the cell: a look names it, a repair mends all of it, and neither a look nor the lint finds anything then. */
export const mendsWholly = async (
  { admin, asAdmin, look, repair }: RepairedCell,
  damage: string,
  named: string,
): Promise<void> => {
  const of = (text: string): string => text.replaceAll('$admin', admin().user);
  await asAdmin((client) => client.query(of(damage)));
  const seen = (await look()).map(({ kind, object }) => `${kind} ${object}`);
  expect(seen).toEqual(expect.arrayContaining([expect.stringContaining(of(named))]));
  const mended = await repair();
  expect(mended.filter(({ obstacle }) => obstacle)).toEqual([]);
  expect(mended.map(({ kind, object }) => `${kind} ${object}`)).toEqual(expect.arrayContaining(seen));
  expect(await look()).toEqual([]);
  await asAdmin(async (client) => {
    expect(await lintSchema(client)).toEqual([]);
    await client.query('ALTER DATABASE repaired RESET ALL; DROP ROLE IF EXISTS bi2, middle');
  });
};
