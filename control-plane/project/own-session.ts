import type pg from 'pg';
import { Client, type ClientConfig } from '../../data-plane/database/client.js';
import { translateDatabaseError } from '../../data-plane/database/errors.js';

/**
 * A session of its own in the control database, for what lasts as long as a session does: locks and notifications. It must not
 * starve the pool. The caller ends it.
 */
export const connectAlone = async (control: pg.Pool, name: string): Promise<pg.Client> => {
  const options = control.options as ClientConfig;
  // A pool hides the password from being listed.
  const { password } = options;
  const client = new Client({
    ...options,
    application_name: name,
    ...(password === undefined ? {} : { password }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw translateDatabaseError(error);
  }
};
