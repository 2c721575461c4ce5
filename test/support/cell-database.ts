import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import {
  type ContextKey,
  type ContextSubject,
  signContextToken,
} from '../../data-plane/access/context-token.js';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';

export const TEST_CONTEXT_KEY: ContextKey = { keyId: 1, secret: Buffer.alloc(32, 7) };

/** A clone of a template database for one test file: `admin` is the superuser, `app` the application. */
export interface TestDatabase {
  readonly connection: Connection;
  readonly appConnection: Connection;
  readonly admin: pg.Pool;
  readonly app: pg.Pool;
}

/** Clones the template before the file's tests and drops the clone after; a leaked connection makes the drop fail. */
export const useDatabase = (template: 'cell' | 'control' = 'cell'): TestDatabase => {
  const name = `it_${randomUUID().replaceAll('-', '')}`;
  const database = {} as { -readonly [key in keyof TestDatabase]: TestDatabase[key] };

  beforeAll(async () => {
    const server = inject('postgres');
    await withConnection({ ...server, database: 'postgres' }, async (client) => {
      // Cloning a template needs it to be free of connections, so files take turns.
      await client.query('SELECT pg_advisory_lock(1)');
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}_template STRATEGY WAL_LOG`);
    });
    database.connection = { ...server, database: name };
    database.appConnection = { ...server, user: 'ringfence_app', password: 'app', database: name };
    if (template === 'cell') {
      await withConnection(database.connection, async (client) => {
        await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
        await client.query(
          `GRANT CONNECT ON DATABASE ${name} TO ringfence_app, ringfence_keeper, ringfence_tenant`,
        );
      });
    }
    database.admin = openPool(database.connection, { max: 4, name: 'test admin' });
    database.app = openPool(database.appConnection, { max: 4, name: 'test app' });
  });

  afterAll(async () => {
    await database.admin?.end();
    await database.app?.end();
    const server = inject('postgres');
    await withConnection({ ...server, database: 'postgres' }, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name}`),
    );
  });
  return database;
};

export interface TestClinic {
  readonly tenantId: string;
  readonly clinicId: string;
}

/** Enrols a tenant with one clinic, straight into the tables. */
export const plantClinic = async (admin: pg.Pool, slug: string): Promise<TestClinic> => {
  const tenantId = randomUUID();
  const clinicId = randomUUID();
  await admin.query(
    `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2, 'active', $3)`,
    [tenantId, slug, `rf_t_${slug}`],
  );
  await admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, $3, $3, 'dental', 'Europe/Madrid', 'active')`,
    [clinicId, tenantId, slug],
  );
  return { tenantId, clinicId };
};

/** Someone who works in a clinic, with the context that their requests run in. */
export const plantStaff = async (
  admin: pg.Pool,
  clinic: TestClinic,
  role: string,
  departments: readonly string[] = [],
): Promise<ContextSubject & Required<Pick<ContextSubject, 'userId'>>> => {
  const userId = randomUUID();
  await admin.query(
    `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role, departments) VALUES ($1, $2, $3, $3, $4)`,
    [clinic.clinicId, userId, role, departments],
  );
  return { ...clinic, userId };
};

/** Gives applications back what a provider that keeps the superuser to itself cannot take from PUBLIC (Amazon RDS). */
export const grantAsManaged = async (admin: pg.Pool): Promise<void> => {
  await admin.query(
    'GRANT EXECUTE ON FUNCTION set_config, setseed, query_to_xml(text, boolean, boolean, text) TO ringfence_app',
  );
};

/** Tells the clinic of support access, as it has to be before the user enters. Committed. */
export const announceSupport = async (pool: pg.Pool, user: ContextSubject): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('SELECT ringfence.announce_support($1)', [tokenFor(client, user)]);
  } finally {
    client.release();
  }
};

/** Opens a transaction of the application in a clinic's context; rolled back unless it is to be kept. */
export const asClinic = async <T>(
  pool: pg.Pool,
  clinic: ContextSubject,
  work: (client: pg.PoolClient) => Promise<T>,
  end: 'ROLLBACK' | 'COMMIT' = 'ROLLBACK',
): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT ringfence.enter($1)', [tokenFor(client, clinic)]);
    const result = await work(client);
    await client.query(end);
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
};

export const tokenFor = (
  client: pg.PoolClient,
  clinic: ContextSubject,
  overrides: Partial<{ now: Date; backendPid: number; key: ContextKey }> = {},
): Buffer =>
  signContextToken(clinic, {
    key: overrides.key ?? TEST_CONTEXT_KEY,
    backendPid: overrides.backendPid ?? (client as unknown as { processID: number }).processID,
    now: overrides.now ?? new Date(),
  });

/** A superuser's transaction that is always rolled back: roles and publications too. */
export const inScratch = async <T>(
  admin: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  const client = await admin.connect();
  try {
    await client.query('BEGIN');
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
};
