import pg from 'pg';
import { tokenSigner } from '../data-plane/access/context-token.js';
import { plantTenants } from './cell.js';
import { onOneCore } from './cores.js';
import { atLeast, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

const CLINICS = 20;
const SERVICES = 5_000;

interface Read {
  readonly name: string;
  /** The statement, whose `$1` is the id of one of the clinic's rows. Explicitly, `$2` is the clinic. */
  readonly statement: (where: 'explicit' | 'context') => string;
  readonly transactions: number;
  readonly goal: number;
  /** As a member of the clinic's staff; otherwise as the service itself. */
  readonly asUser?: boolean;
}

const POINT_READ: Read = {
  name: 'point read',
  statement: (where) =>
    `SELECT * FROM clinical.services WHERE id = $1 ${where === 'explicit' ? 'AND clinic_id = $2' : ''}`,
  transactions: 1_500,
  goal: 0.92,
};

const READS: readonly Read[] = [
  POINT_READ,
  { ...POINT_READ, name: 'point read of a user', asUser: true },
  {
    name: 'list of 50 rows',
    statement: (where) =>
      `SELECT * FROM clinical.services WHERE ${where === 'explicit' ? 'clinic_id = $2 AND' : ''} id >= $1 ORDER BY id LIMIT 50`,
    transactions: 600,
    goal: 0.95,
  },
  {
    name: `aggregate over ${SERVICES} rows`,
    statement: (where) =>
      `SELECT duration_minutes, count(*), count(*) FILTER (WHERE id > $1) AS later FROM clinical.services
        ${where === 'explicit' ? 'WHERE clinic_id = $2' : ''} GROUP BY duration_minutes`,
    transactions: 60,
    goal: 0.95,
  },
];

/**
 * Reads over TCP: in tenant context as the application, against an explicit WHERE as the administrator (no row-level
 * security), in transactions of the same form and the same number of round trips.
 */
export const benchOverTcp = async (scene: Scene): Promise<Comparison[]> => {
  const { admin, app: application, contextKey } = await scene.cell();
  const [tenant] = await plantTenants(admin, CLINICS, SERVICES);
  if (!tenant) throw new Error('no tenant was planted');
  const { tenantId, clinicId, userId, serviceIds } = tenant;
  // A list of 50 needs as many rows behind its first.
  const ids = [...serviceIds].sort().slice(0, -50);
  return onOneCore(admin, async () => {
    const owner = await connect(admin);
    const app = await connect(application);
    const signer = tokenSigner(contextKey, () => new Date());
    const bench = ({ name, statement, transactions, goal, asUser }: Read): Promise<Comparison> => {
      const explicit = {
        enter: () =>
          owner.query({
            name: 'setting',
            text: `SELECT set_config('bench.clinic', $1, true)`,
            values: [clinicId],
          }),
        read: (id: string) => owner.query({ name, text: statement('explicit'), values: [id, clinicId] }),
      };
      const context = {
        enter: () => {
          const token = signer.sign(
            { tenantId, clinicId, ...(asUser ? { userId } : {}) },
            (app as unknown as { processID: number }).processID,
          );
          return app.query({ name: 'enter', text: 'SELECT ringfence.enter($1)', values: [token] });
        },
        read: (id: string) => app.query({ name, text: statement('context'), values: [id] }),
      };
      const arm =
        (client: pg.Client, { enter, read }: typeof explicit) =>
        async (): Promise<void> => {
          for (let n = 0; n < transactions; n++) {
            await client.query('BEGIN');
            await enter();
            const { rows } = await read(ids[(n * 37) % ids.length] as string);
            if (rows.length === 0) throw new Error(`${name}: nothing was read`);
            await client.query('COMMIT');
          }
        };
      return compare(
        `${name} in tenant context / explicit WHERE, over TCP`,
        { baseline: arm(owner, explicit), measured: arm(app, context) },
        atLeast(goal, 9),
      );
    };
    try {
      const results: Comparison[] = [];
      for (const read of READS) results.push(await bench(read));
      return results;
    } finally {
      await owner.end();
      await app.end();
    }
  });
};

const connect = async (connection: pg.ClientConfig): Promise<pg.Client> => {
  const client = new pg.Client(connection);
  await client.connect();
  return client;
};
