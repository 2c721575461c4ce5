import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ContextSubject } from '../data-plane/access/context-token.js';
import { attempt } from './attempt.js';
import type { RequiredColumn, Writable } from './objects.js';

/** Makes a tenant with one clinic that exists until the transaction is rolled back. */
export const plantNeighbour = async (client: pg.ClientBase): Promise<ContextSubject> => {
  const neighbour = { tenantId: randomUUID(), clinicId: randomUUID() };
  await client.query(
    `INSERT INTO ringfence.tenants (id, slug, state, login_role)
     VALUES ($1::uuid, 'probe ' || $1::text, 'active', 'probe ' || $1::text)`,
    [neighbour.tenantId],
  );
  await client.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'probe', 'probe', 'probe', 'UTC', 'active')`,
    [neighbour.clinicId, neighbour.tenantId],
  );
  return neighbour;
};

/**
 * Plants a row for each clinic: one made from the types of its columns, else a copy of any row of the table.
 * Triggers and foreign keys must be off (session_replication_role = replica).
 * @returns whether the table has a row of every clinic now.
 */
export const plantCanary = async (
  client: pg.ClientBase,
  table: Writable,
  clinicIds: readonly string[],
): Promise<boolean> => {
  const made = `${insertCanary(client, table, 'unnest($1::uuid[])')} ON CONFLICT DO NOTHING`;
  const names = ['clinic_id', ...table.columns].join(', ');
  const values = ['clinic.id', ...table.columns.map((column) => `any_row.${column}`)].join(', ');
  const copied = `INSERT INTO ${table.name} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${values} FROM unnest($1::uuid[]) AS clinic (id), (SELECT * FROM ${table.name} LIMIT 1) AS any_row
    ON CONFLICT DO NOTHING`;
  for (const statement of [made, copied]) {
    const tried = await attempt(client, statement, [clinicIds]);
    if (tried.sqlstate !== undefined) continue;
    // The attempt took itself back; a statement that works runs again for good.
    await client.query(statement, [clinicIds]);
    const planted = await client.query(
      `SELECT FROM unnest($1::uuid[]) AS clinic (id)
        WHERE NOT EXISTS (SELECT FROM ${table.name} t WHERE t.clinic_id = clinic.id)`,
      [clinicIds],
    );
    if (planted.rowCount === 0) return true;
  }
  return false;
};

/** The differences of a canary row from the smallest row that its table takes. */
export interface CanaryShape {
  /** SQL by column, quoted as in `Writable.columns`. It replaces a sample, or fills a column that needs none. */
  readonly given?: Readonly<Record<string, string>>;
  /** The content of text columns; one letter when left out. */
  readonly text?: string;
}

/** An INSERT of the smallest row that the table takes, for the clinics that `source` yields. */
export const insertCanary = (
  client: pg.ClientBase,
  table: Writable,
  source: string,
  { given = {}, text }: CanaryShape = {},
): string => {
  const sampled = table.required.filter(({ name }) => !Object.hasOwn(given, name));
  const names = ['clinic_id', ...sampled.map(({ name }) => name), ...Object.keys(given)];
  const values = [
    source,
    ...sampled.map((column) => sampleValue(client, column, text)),
    ...Object.values(given),
  ];
  return `INSERT INTO ${table.name} (${names.join(', ')}) SELECT ${values.join(', ')}`;
};

const BY_TYPE: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  bytea: `'\\x00'`,
  jsonb: `'{}'`,
  json: `'{}'`,
};
const BY_KIND: Readonly<Record<string, string>> = {
  A: `'{}'`,
  B: 'false',
  D: 'now()',
  I: `'127.0.0.1'`,
  N: '1',
  R: `'empty'`,
  S: `'p'`,
  T: `'1 hour'`,
};

const sampleValue = (
  client: pg.ClientBase,
  { type, kind, label, check }: RequiredColumn,
  text?: string,
): string => {
  const listed = label ?? check?.match(/ANY \(ARRAY\['((?:[^']|'')*)'/)?.[1]?.replaceAll(`''`, `'`);
  const allowed = listed ?? (kind === 'S' ? text : undefined);
  const value =
    allowed === undefined ? (BY_TYPE[type] ?? BY_KIND[kind] ?? 'NULL') : client.escapeLiteral(allowed);
  return `${value}::${type}`;
};
