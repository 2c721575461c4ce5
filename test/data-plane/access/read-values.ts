// Reads the one row of shop.values by every way that the access library has, in the time zone of its process.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { createAccess } from '../../../data-plane/access/index.js';
import { OPEN_POLICY } from '../../../data-plane/access/security-policy.js';
import { AUDIENCE, ISSUER, identityProvider } from './token-maker.js';

// As applications do, for their own connections.
for (const oid of [20, 1700, 1082, 1114, 1184, 1186, 1009, 1016, 1231, 1182])
  pg.types.setTypeParser(oid, () => 'read by the application');

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { connection, contextKey, tenantId, clinicId, userId } = JSON.parse(Buffer.concat(chunks).toString());
const idp = identityProvider();
const secret = Buffer.from(contextKey.secret, 'hex');
const access = createAccess({
  directory: {
    locate: async () => ({
      ...{ cell: 'test', connection, clinicId, tenantId, state: 'active', security: OPEN_POLICY },
      contextKey: { keyId: contextKey.keyId, secret },
    }),
    forget: () => undefined,
    close: async () => undefined,
  },
  keys: idp.keys,
  issuer: ISSUER,
  audience: AUDIENCE,
  sealedColumns: { 'shop.values': { note: { sealed: 'note_sealed' } } },
});
const token = idp.token(clinicId, { sub: userId });
const ALL = 'SELECT * FROM shop.values';
const ONE = `${ALL} WHERE clinic_id = $1`;

/** Dates are told from texts. */
const shown = ({ clinic_id: _clinic, note: _note, note_sealed: _sealed, ...row }: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, mapped(value)]));
const mapped = (value: unknown): unknown =>
  value instanceof Date ? { instant: value.toISOString() } : Array.isArray(value) ? value.map(mapped) : value;

const read = await access.run(token, clinicId, async (db) => {
  const kysely = new Kysely<{ 'shop.values': Record<string, unknown> }>({
    dialect: new PostgresDialect({ pool: db.pool }),
  });
  const plain = (await db.query(ALL)).rows;
  return {
    find: await db.rows.find('shop.values', {}),
    open: await db.rows.open('shop.values', plain),
    query: plain,
    client: (await db.client.query(ALL)).rows,
    pool: (await db.pool.query(ALL)).rows,
    kysely: await kysely.selectFrom('shop.values').selectAll().execute(),
    arrays: (await db.client.query({ text: ALL, rowMode: 'array' })).rows.length,
    own: (
      await db.client.query({
        text: 'SELECT day FROM shop.values',
        types: { getTypeParser: () => (text: string) => `own ${text}` } as pg.CustomTypesConfig,
      })
    ).rows,
  };
});
// The first is sent in messages, the next two are prepared in one.
const statements = [];
for (let sent = 0; sent < 3; sent++)
  statements.push(...(await access.query(token, clinicId, ONE, [clinicId])).rows);
await access.close();
const { own, arrays, ...ways } = read;
const rows = Object.entries({ ...ways, statement: statements }).flatMap(([way, found]) =>
  (found as Record<string, unknown>[]).map((row) => [way, shown(row)]),
);
process.stdout.write(JSON.stringify({ zone: new Date(2026, 0, 1).getTimezoneOffset(), own, rows, arrays }));
