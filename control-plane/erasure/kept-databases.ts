import type pg from 'pg';

/** A control database that a restore on Amazon RDS kept aside, in the same instance. It has wrapped keys of every tenant of then. */
export interface KeptDatabase {
  readonly name: string;
  readonly keptAt: Date;
}

/** The name under which one is kept. */
export const keptDatabase = (at: Date): string =>
  `control_kept_${at.toISOString().replaceAll(/[-:.]/g, '').toLowerCase()}`;

const NAME = /^control_kept_(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})(\d{3})z$/;

/** Those of a server, the oldest first. */
export const keptDatabases = async (client: pg.Client | pg.Pool): Promise<KeptDatabase[]> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE datname LIKE 'control\\_kept\\_%' ORDER BY 1`,
  );
  return rows.flatMap(({ name }) => {
    const [, year, month, day, hour, minute, second, ms] = NAME.exec(name) ?? [];
    return year === undefined
      ? []
      : { name, keptAt: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`) };
  });
};
