import type pg from 'pg';
import { ADMINISTRATOR_SETTINGS } from '../administrator-settings.js';

/**
 * What is stored with the administrator or the database may stop a repair, or keep triggers from firing in it: the session
 * has its own. A setting that this server does not have, or that only a superuser may change, is left.
 */
export const takeOwnSettings = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SET statement_timeout = 0');
  await client.query(TAKE, [
    { ...ADMINISTRATOR_SETTINGS, transaction_timeout: '0', session_replication_role: 'origin' },
  ]);
};

const TAKE = `
  SELECT set_config(s.name, own.value, false)
    FROM pg_catalog.pg_settings s
    JOIN jsonb_each_text($1) own (name, value) ON own.name = s.name AND own.value IS DISTINCT FROM s.setting
   WHERE s.context = 'user' OR pg_catalog.has_parameter_privilege(s.name, 'SET')`;
