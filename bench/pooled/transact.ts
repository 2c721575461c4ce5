import { RingfenceError } from '../../core/errors.js';
import type { Access } from '../../data-plane/access/create-access.js';
import type { TenantDatabase } from '../../data-plane/access/tenant-database.js';
import type { Random } from '../../data-plane/demo/random.js';
import type { PooledTenant } from './tenants.js';

export interface Counts {
  transactions: number;
  committed: number;
  rolledBack: number;
  failed: number;
  cancelled: number;
  /** Ended by something that nobody asked for, by code. */
  readonly unexpected: Record<string, number>;
  mismatches: number;
}

export const newCounts = (): Counts => ({
  transactions: 0,
  committed: 0,
  rolledBack: 0,
  failed: 0,
  cancelled: 0,
  unexpected: {},
  mismatches: 0,
});

/** Whose data a transaction sees, and what it finds in its session that somebody else left there. */
const LOOK = `SELECT ringfence.current_clinic()::text AS clinic, ringfence.current_actor()::text AS actor,
    (SELECT array_agg(id::text) FROM ringfence.clinics) AS clinics,
    (SELECT array_agg(full_name) FROM clinical.staff) AS staff,
    coalesce(current_setting('pooled.note', true), '') AS note`;

interface Looked {
  readonly clinic: string;
  readonly actor: string;
  readonly clinics: readonly string[];
  readonly staff: readonly string[];
  readonly note: string;
}

const isOwn = (row: Looked | undefined, { clinicId, userId }: PooledTenant): boolean =>
  row?.clinic === clinicId &&
  row.actor === userId &&
  row.clinics.join() === clinicId &&
  row.staff.join() === userId &&
  row.note === '';

/** What a careless application leaves in its session; `access.run` takes no statement that leaves more. */
const LEFT = [
  `SELECT set_config('pooled.note', 'something', false)`,
  `SELECT set_config('statement_timeout', '60000', false)`,
  'SELECT setseed(0.5)',
] as const;

class RolledBack extends Error {}

type Ending = 'commit' | 'roll back' | 'fail' | 'cancel';
const ENDINGS: readonly Ending[] = [
  ...Array<Ending>(16).fill('commit'),
  'roll back',
  'roll back',
  'fail',
  'cancel',
];

/** One transaction of a tenant through the access library, with an ending by chance. */
export const transact = async (
  access: Access,
  tenant: PooledTenant,
  random: Random,
  number: number,
  counts: Counts,
): Promise<void> => {
  const ending = random.pick(ENDINGS);
  const writes = random.chance(0.05);
  const leaves = random.chance(0.1) ? random.pick(LEFT) : undefined;
  const stop = new AbortController();
  const name = `service ${number}`;
  const work = async (db: TenantDatabase): Promise<void> => {
    if (ending === 'cancel') setTimeout(() => stop.abort(), random.between(0, 4));
    if (!isOwn((await db.query<Looked & Record<string, unknown>>(LOOK)).rows[0], tenant))
      counts.mismatches += 1;
    if (leaves !== undefined) await db.query(leaves);
    if (writes)
      await db.query('INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30)', [name]);
    if (ending === 'cancel') await db.query('SELECT pg_sleep(0.02)');
    if (ending === 'fail') await db.query('SELECT 1 / 0');
    if (ending === 'roll back') throw new RolledBack();
  };
  try {
    await access.run(tenant.token(), tenant.clinicId, work, { signal: stop.signal });
    counts.committed += 1;
    if (writes) tenant.saved.add(name);
  } catch (error) {
    if (error instanceof RolledBack) counts.rolledBack += 1;
    else if (error instanceof RingfenceError && error.code === 'cancelled') counts.cancelled += 1;
    else if (ending === 'fail') counts.failed += 1;
    else {
      const code = error instanceof RingfenceError ? error.code : 'other';
      counts.unexpected[code] = (counts.unexpected[code] ?? 0) + 1;
    }
  }
};
