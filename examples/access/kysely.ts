// Kysely on the connection of one run. Its own transactions are savepoints in the run's.
import { type ColumnType, type Generated, Kysely, PostgresDialect } from 'kysely';
import type { TenantDatabase } from '../../data-plane/access/index.js';

interface Tables {
  'clinical.services': {
    clinic_id: ColumnType<string, never, never>;
    id: Generated<string>;
    name: string;
    duration_minutes: number;
  };
}

export const kyselyFor = (db: TenantDatabase): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool: db.pool }) });

/** No clinic_id anywhere: the context gives it to new rows and shows no others. */
export const offerService = async (db: TenantDatabase, name: string, minutes: number): Promise<string[]> => {
  const kysely = kyselyFor(db);
  await kysely
    .transaction()
    .execute((inner) =>
      inner.insertInto('clinical.services').values({ name, duration_minutes: minutes }).execute(),
    );
  const services = await kysely.selectFrom('clinical.services').select('name').orderBy('name').execute();
  return services.map((service) => service.name);
};
