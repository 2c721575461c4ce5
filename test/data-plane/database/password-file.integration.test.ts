import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { findPassword, passwordFileText } from '../../../data-plane/database/password-file.js';

const PASSWORD = String.raw`a:b\c\:*#\\é `;
const ROLE = 'password_file_test';

describe('a password file', () => {
  let dir: string;
  let path: string;
  const write = (text: string) => writeFileSync(path, text, { mode: 0o600 });
  const login = { host: '127.0.0.1', port: 5432, database: 'ringfence', user: ROLE };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ringfence-pgpass-'));
    path = join(dir, 'pgpass');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('gives back what was written, whatever is in it', () => {
    write(passwordFileText([{ user: ROLE, password: PASSWORD }]));
    expect(findPassword(path, login)).toBe(PASSWORD);
    expect(findPassword(path, { ...login, user: 'other' })).toBeUndefined();
  });

  test('is read by another client of Postgres, which logs in with it', async () => {
    const server = inject('postgres');
    const admin = { ...server, database: 'postgres' };
    await withConnection(admin, (client) =>
      client.query(`CREATE ROLE ${ROLE} LOGIN SUPERUSER PASSWORD ${client.escapeLiteral(PASSWORD)}`),
    );
    write(passwordFileText([{ host: server.host, port: server.port, user: ROLE, password: PASSWORD }]));
    vi.stubEnv('PGPASSFILE', path);
    const client = new pg.Client({ host: server.host, port: server.port, user: ROLE, database: 'postgres' });
    try {
      await client.connect();
      expect((await client.query('SELECT current_user AS name')).rows).toEqual([{ name: ROLE }]);
    } finally {
      vi.unstubAllEnvs();
      await client.end();
      await withConnection(admin, (connection) => connection.query(`DROP ROLE ${ROLE}`));
    }
  });

  test('has the first line that fits, by host, port and user', () => {
    write(
      [
        '# a comment: of:five:fields:here',
        'too:few:fields',
        passwordFileText([
          { host: '127.0.0.1', port: 1, user: ROLE, password: 'other port' },
          { host: 'db.example', port: 5432, user: ROLE, password: 'other host' },
          { host: '127.0.0.1', port: 5432, user: 'other', password: 'other user' },
          { host: '127.0.0.1', port: 5432, user: ROLE, password: 'right' },
          { user: ROLE, password: 'late' },
        ]),
      ].join('\n'),
    );
    expect(findPassword(path, login)).toBe('right');
  });

  test('that others may read is not used', () => {
    write(passwordFileText([{ user: ROLE, password: 'x' }]));
    chmodSync(path, 0o640);
    expect(() => findPassword(path, login)).toThrow(expect.objectContaining({ code: 'permission_denied' }));
  });

  test('does not take a password that would begin another line', () => {
    expect(() => passwordFileText([{ user: ROLE, password: 'a\n*:*:*:*:b' }])).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});
