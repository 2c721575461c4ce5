import pg from 'pg';

/** Lets a login inherit the rights of ringfence_tenant, but not become it (SET FALSE, from Postgres 16 on). */
export const grantTenantRights = async (client: pg.ClientBase | pg.Pool, login: string): Promise<void> => {
  const { rows } = await client.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  const separateOptions = (rows[0]?.major ?? 0) >= 16;
  await client.query(
    `GRANT ringfence_tenant TO ${pg.escapeIdentifier(login)}${separateOptions ? ' WITH INHERIT TRUE, SET FALSE' : ''}`,
  );
};
