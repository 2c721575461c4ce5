import { RingfenceError } from '../../core/errors.js';
import { type Connection, withConnection } from '../database/connect.js';

/**
 * Refuses to let a database go that has a tenant, even an unregistered one. An unfinished database has none.
 * @throws RingfenceError `conflict`, naming them.
 */
export const refuseEnrolled = async (admin: Connection): Promise<void> => {
  const exists = await withConnection({ ...admin, database: 'postgres' }, (client) =>
    client.query('SELECT FROM pg_database WHERE datname = $1', [admin.database]),
  );
  if (exists.rowCount === 0) return;
  const slugs = await withConnection(admin, async (client) => {
    const { rows } = await client.query<{ made: boolean }>(
      `SELECT to_regclass('ringfence.tenants') IS NOT NULL AS made`,
    );
    if (!rows[0]?.made) return [];
    return (await client.query<{ slug: string }>('SELECT slug FROM ringfence.tenants ORDER BY slug')).rows;
  });
  if (slugs.length === 0) return;
  const names = slugs.slice(0, 5).map(({ slug }) => slug);
  throw new RingfenceError(
    'conflict',
    `the database has rows of ${slugs.length} tenants: ${names.join(', ')}`,
    {
      fix: 'take those that `ringfence tenants list` has away with `ringfence tenants remove`; for others, bring back the control database that knows them, or delete them yourself as the administrator of the cell',
    },
  );
};
