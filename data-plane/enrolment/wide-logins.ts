import type pg from 'pg';

/** Tenants whose own login may open more connections than `connections`, the widest first. */
export const readWideLogins = async (
  client: pg.ClientBase,
  connections: number,
): Promise<{ readonly slug: string; readonly connections: number }[]> => {
  const { rows } = await client.query<{ slug: string; connections: number }>(
    `SELECT t.slug, r.rolconnlimit AS connections FROM pg_roles r JOIN ringfence.tenants t ON t.login_role = r.rolname
      WHERE r.rolcanlogin AND r.rolconnlimit > $1 ORDER BY r.rolconnlimit DESC, t.slug`,
    [connections],
  );
  return rows;
};
