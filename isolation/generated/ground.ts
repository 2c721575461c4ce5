import type pg from 'pg';
import { inTransaction } from '../../data-plane/database/connect.js';
import { type Readable, readObjects } from '../objects.js';
import { canaryId } from '../suite/canary-ids.js';
import { type CanaryTable, readCanaryTables } from '../suite/canary-tables.js';
import { type CanaryClinic, plantRows, plantTenant } from '../suite/plant.js';
import { canarySet } from './canary-scan.js';
import { difference } from './deviation.js';
import { type Change, compareRows, Model } from './model.js';

/** A clinic with people who work there, by role. */
export interface StaffedClinic extends CanaryClinic {
  readonly users: readonly StaffedUser[];
  /** Everything of the clinic that its own people may see. */
  readonly canaries: ReadonlySet<string>;
}
interface StaffedUser {
  readonly userId: string;
  /** The key of their row in clinical.staff. */
  readonly staffKey: string;
}

export const STAFF_TABLE = 'clinical.staff';
const ROLES = ['owner', 'doctor', 'reception', 'auditor'] as const;

/** The ground on which sequences are played: throw-away clinics with rows in every tenant table, and their first state. */
export interface Ground {
  readonly clinics: readonly StaffedClinic[];
  /** The tables that took a row of each clinic. */
  readonly tables: readonly CanaryTable[];
  /** The relations with a boundary column that the application may read. */
  readonly readable: readonly Readable[];
  readonly model: Model;
  /** @throws Deviation where the database has other rows than the model. */
  compare(model: Model): Promise<void>;
  /** Makes these tables as they were at first; all of them when left out. */
  restore(tables?: ReadonlySet<string>): Promise<void>;
}

/** Three tenants, the first one with two clinics. */
const TENANTS = [['first', 'second'], ['only'], ['only']] as const;

export const plantGround = async (admin: pg.Client): Promise<Ground> => {
  const tables = await readCanaryTables(admin);
  const clinics: StaffedClinic[] = [];
  for (const [at, names] of TENANTS.entries()) {
    for (const clinic of await plantTenant(admin, `generated-${at}`, names)) {
      await plantRows(admin, tables, clinic);
      const users = await plantUsers(admin, clinic);
      const { tenantId, clinicId, marker } = clinic;
      const canaries = canarySet([tenantId, clinicId, marker, ...users.map(({ userId }) => userId)]);
      clinics.push({ ...clinic, users, canaries });
    }
  }
  const ids = clinics.map(({ clinicId }) => clinicId);
  const known = tables.filter(({ keys }) => ids.every((id) => keys.has(id)));
  const { readable } = await readObjects(admin);
  await keepCopies(admin, known, ids);

  const read = () => readRows(admin, known, ids);
  const first = await read();
  const digests = new Map(
    first.map(({ clinic, table, key, digest }) => [`${clinic} ${table} ${key}`, digest]),
  );
  const model = new Model();
  model.apply(first.map(({ clinic, table, key }): Change => ({ clinicId: clinic, table, key, added: true })));
  return {
    clinics,
    tables: known,
    readable,
    model,
    compare: async (expected) => {
      const seen = new Map<string, string[]>();
      for (const { clinic, table, key, digest } of await read()) {
        const before = digests.get(`${clinic} ${table} ${key}`);
        if (before !== undefined && before !== digest) throw difference(`a row of ${table} was changed`);
        const name = `${clinic} ${table}`;
        seen.set(name, [...(seen.get(name) ?? []), key]);
      }
      for (const clinicId of ids)
        for (const { title } of known)
          compareRows(title, seen.get(`${clinicId} ${title}`) ?? [], expected.of(clinicId, title), true);
    },
    restore: (titles = new Set(known.map(({ title }) => title))) => restoreCopies(admin, known, titles, ids),
  };
};

const plantUsers = async (admin: pg.Client, clinic: CanaryClinic): Promise<StaffedUser[]> => {
  const users: StaffedUser[] = [];
  await inTransaction(admin, async () => {
    await admin.query('SET LOCAL session_replication_role = replica');
    for (const role of ROLES) {
      const { rows } = await admin.query<StaffedUser>(
        `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, $3, $4)
         RETURNING id::text AS "staffKey", user_id::text AS "userId"`,
        [clinic.clinicId, canaryId(), clinic.marker, role],
      );
      users.push(...rows);
    }
  });
  return users;
};

interface Seen {
  readonly clinic: string;
  readonly table: string;
  readonly key: string;
  readonly digest: string;
}

const readRows = async (
  admin: pg.Client,
  tables: readonly CanaryTable[],
  ids: readonly string[],
): Promise<Seen[]> => {
  const parts = tables.map(({ name, title, keyColumns }) => {
    const key = keyColumns.map((column) => `t.${admin.escapeIdentifier(column)}::text`).join(', ');
    return `SELECT t.clinic_id::text AS clinic, ${admin.escapeLiteral(title)} AS table,
      ${key === '' ? `''` : `concat_ws('/', ${key})`} AS key, hashtextextended(t::text, 0)::text AS digest
      FROM ${name} AS t WHERE t.clinic_id = ANY ($1::uuid[])`;
  });
  const { rows } = await admin.query<Seen>({
    name: 'ringfence generated rows',
    text: parts.join(' UNION ALL '),
    values: [ids],
  });
  return rows;
};

const copyName = (at: number): string => `pg_temp.ringfence_generated_${at}`;

/** Temporary tables of the administrator's session, which go with it. */
const keepCopies = async (
  admin: pg.Client,
  tables: readonly CanaryTable[],
  ids: readonly string[],
): Promise<void> => {
  for (const [at, { name, columns }] of tables.entries())
    await admin.query(
      `CREATE TEMP TABLE ${copyName(at).replace('pg_temp.', '')} AS
         SELECT ${['clinic_id', ...columns].join(', ')} FROM ${name} WHERE clinic_id = ANY (${literalIds(admin, ids)})`,
    );
};

const restoreCopies = async (
  admin: pg.Client,
  tables: readonly CanaryTable[],
  titles: ReadonlySet<string>,
  ids: readonly string[],
): Promise<void> => {
  const statements = tables.flatMap(({ name, title, columns }, at) => {
    if (!titles.has(title)) return [];
    const list = ['clinic_id', ...columns].join(', ');
    return [
      `DELETE FROM ${name} WHERE clinic_id = ANY (${literalIds(admin, ids)})`,
      `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${copyName(at)}`,
    ];
  });
  if (statements.length === 0) return;
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statements.join('; ')}; COMMIT`);
};

const literalIds = (admin: pg.Client, ids: readonly string[]): string =>
  `ARRAY[${ids.map((id) => admin.escapeLiteral(id)).join(', ')}]::uuid[]`;
