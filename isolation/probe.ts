import type pg from 'pg';
import {
  type ContextKey,
  type ContextSubject,
  signContextToken,
} from '../data-plane/access/context-token.js';
import { type Connection, withConnection } from '../data-plane/database/connect.js';
import { isManaged } from '../data-plane/database/managed.js';
import { attempt } from './attempt.js';
import { plantCanary, plantNeighbour } from './canary.js';
import { backendPid, enterClinic, type Signing, tryForgeries, tryTokens } from './forgeries.js';
import { type Leak, Ledger } from './ledger.js';
import { type ProbeObjects, readObjects } from './objects.js';
import { tryReads, tryWrites } from './row-attempts.js';

/** The findings of a probe of one tenant. */
export interface ProbeReport {
  /** Attempts that were made. */
  readonly checks: number;
  /** Tenant tables that were tried. */
  readonly tables: number;
  /** Each way to another tenant's data; empty when the tenant is isolated. */
  readonly leaks: readonly Leak[];
  /** Attempts that proved nothing, for example on a table that took no canary row. */
  readonly unproven: readonly Leak[];
}

export interface ProbeOptions {
  readonly tenantId: string;
  readonly clinicIds: readonly string[];
  /** The key that signs context tokens of this cell. */
  readonly contextKey: ContextKey;
  readonly now: () => Date;
}

/** The SQLSTATE of `enter` for a clinic that is closed or whose subscription has ended. */
const CLINIC_INACTIVE = 'RF001';

const LIMITS = `SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '30s'`;

/**
 * Proves in a tenant's cell that the tenant reaches nothing of others and others reach nothing of it. The application's own
 * login tries to leave its context; then, in a transaction of the administrator that is always rolled back, a throw-away
 * neighbour and canary rows on both sides make leaks visible in an empty cell too. Nothing is committed, so a crash leaves
 * nothing.
 * @throws RingfenceError when the probe cannot be made, as when a clinic is not active. A leak is data, no error.
 */
export const probeTenant = async (
  connectionAdmin: Connection,
  connectionApp: Connection,
  options: ProbeOptions,
): Promise<ProbeReport> => {
  const ledger = new Ledger();
  const objects = await withConnection(connectionAdmin, async (admin) => {
    const found = await readObjects(admin);
    await rolledBack(admin, () => probeWithCanaries(admin, found, ledger, options));
    return found;
  });
  await withConnection(connectionApp, (app) =>
    rolledBack(app, () => probeLogin(app, objects, ledger, options, connectionAdmin.user)),
  );
  const { checks, leaks, unproven } = ledger;
  return { checks, tables: objects.writable.length, leaks, unproven };
};

/** The tenant against a neighbour, both ways, as the application. */
const probeWithCanaries = async (
  admin: pg.Client,
  objects: ProbeObjects,
  ledger: Ledger,
  options: ProbeOptions,
): Promise<void> => {
  const signing: Signing = { key: options.contextKey, now: options.now };
  // Canaries are no real events: they fire no trigger and need no parent rows.
  await admin.query('SET LOCAL session_replication_role = replica');
  const neighbour = await plantNeighbour(admin);
  for (const table of objects.writable) {
    if (await plantCanary(admin, table, [neighbour.clinicId, ...options.clinicIds])) continue;
    ledger.unproven.push({
      table: table.name,
      attempt: 'planting a canary',
      detail: 'no row could be made up',
    });
  }
  // Subscriptions do not matter here: the probe proves isolation.
  await admin.query(
    `INSERT INTO ringfence_private.subscription_windows
     SELECT id, 'infinity', 'infinity' FROM unnest($1::uuid[]) AS clinic (id)
     ON CONFLICT (clinic_id) DO UPDATE SET writable_until = 'infinity', readable_until = 'infinity'`,
    [options.clinicIds],
  );
  await admin.query('SET LOCAL session_replication_role = origin');

  const pid = await backendPid(admin);
  const own = options.clinicIds.map((clinicId) => ({ tenantId: options.tenantId, clinicId }));
  const [first] = own;
  await asApplication(admin, async () => {
    await tryReads(admin, objects, ledger, null);
    await tryWrites(admin, objects, ledger, neighbour.clinicId);
    if (first) await tryTokens(admin, ledger, first, neighbour.clinicId, signing);
  });
  const meetings: Array<[ContextSubject, ContextSubject]> = own.map((subject) => [subject, neighbour]);
  if (first) meetings.push([neighbour, first]);
  for (const [subject, other] of meetings) {
    await asApplication(admin, async () => {
      await enterClinic(admin, subject, signing, pid);
      await tryReads(admin, objects, ledger, subject.clinicId);
      await tryWrites(admin, objects, ledger, other.clinicId);
    });
  }
};

/** Uses the real login of the application, over its real connection. */
const probeLogin = async (
  app: pg.Client,
  objects: ProbeObjects,
  ledger: Ledger,
  options: ProbeOptions,
  adminRole: string,
): Promise<void> => {
  const signing: Signing = { key: options.contextKey, now: options.now };
  await tryReads(app, objects, ledger, null);
  const [clinicId] = options.clinicIds;
  if (clinicId === undefined) return;
  const subject = { tenantId: options.tenantId, clinicId };
  const pid = await backendPid(app);
  const { sqlstate } = await attempt(app, 'SELECT ringfence.enter($1)', [
    signContextToken(subject, { key: signing.key, backendPid: pid, now: signing.now() }),
  ]);
  if (sqlstate === CLINIC_INACTIVE) {
    const detail = 'the clinic takes nobody in: its subscription has ended';
    ledger.unproven.push({ table: 'ringfence.enter', attempt: 'entering as the application', detail });
    return;
  }
  await enterClinic(app, subject, signing, pid);
  await tryReads(app, objects, ledger, clinicId);
  await tryForgeries(app, ledger, subject, signing, adminRole);
};

const rolledBack = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(LIMITS);
    await work();
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
};

/**
 * Runs `work` under the application's identity inside the administrator's transaction, then takes it all back. Only a
 * superuser can become its session; the other one takes its rights.
 */
const asApplication = async (admin: pg.Client, work: () => Promise<void>): Promise<void> => {
  const identity = (await isManaged(admin)) ? 'ROLE' : 'SESSION AUTHORIZATION';
  await admin.query('SAVEPOINT ringfence_planted');
  await admin.query(`SET LOCAL ${identity} ringfence_app`);
  await work();
  await admin.query('ROLLBACK TO SAVEPOINT ringfence_planted; RELEASE SAVEPOINT ringfence_planted');
};
