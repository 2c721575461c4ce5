import type pg from 'pg';

/** Says whether this cell has no superuser, because its provider keeps that right, as Amazon RDS does. */
export const isManaged = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ managed: boolean }>(
    'SELECT ringfence_private.is_managed() AS managed',
  );
  return rows[0]?.managed === true;
};
