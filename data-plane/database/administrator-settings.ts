/**
 * How the administrator's sessions begin, whatever is stored with the role or the database: a time limit of 1 ms there would
 * keep everybody from taking it away. Any server and any login takes them.
 */
export const ADMINISTRATOR_SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  default_transaction_read_only: 'off',
  row_security: 'on',
};
