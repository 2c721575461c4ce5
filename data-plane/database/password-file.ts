import { RingfenceError } from '../../core/errors.js';
import { readSecretFile } from '../../core/files/secret-file.js';

/** A login's password, for any server where `host` and `port` are left out. */
export interface PasswordEntry {
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  readonly password: string;
}

/**
 * The text of a password file as every client of Postgres reads it (PostgreSQL documentation, "The Password File"):
 * `host:port:database:user:password` a line, `*` for any.
 */
export const passwordFileText = (entries: readonly PasswordEntry[]): string =>
  entries
    .map(({ host = '*', port = '*', user, password }) => {
      if (/[\r\n]/.test(password)) {
        throw new RingfenceError('config_invalid', `the password of ${user} has a line break in it`, {
          fix: 'set one without: a password file has one login a line',
        });
      }
      return `${[host, port, '*', user, password].map(escapeField).join(':')}\n`;
    })
    .join('');

/**
 * @returns the password on the first line that fits, or undefined where there is no such line or no file.
 * @throws RingfenceError `permission_denied` when others may read the file.
 */
export const findPassword = (
  path: string,
  login: { host: string; port: number; database: string; user: string },
): string | undefined => {
  const wanted = [login.host, String(login.port), login.database, login.user];
  for (const line of (readSecretFile(path) ?? '').split('\n')) {
    const fields = line.startsWith('#') ? [] : fieldsOf(line);
    if (fields.length === 5 && wanted.every((value, at) => fields[at] === '*' || fields[at] === value))
      return fields[4];
  }
  return undefined;
};

const escapeField = (value: string | number): string => String(value).replace(/[\\:]/g, '\\$&');

/** Colons separate; a backslash takes the character after it as it is. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/((?:\\.|[^\\:])*)(?::|$)/g)]
    .slice(0, 5)
    .map(([, field = '']) => field.replace(/\\(.)/g, '$1'));
