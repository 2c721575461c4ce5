import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withPasswordFile } from '../../../../control-plane/engine/run/password-environment.js';
import { findPassword } from '../../../../data-plane/database/password-file.js';

const ADMIN = { user: 'admin', password: 'secret' };
const SERVER = { host: 'db.example', port: 5432, database: 'postgres', user: 'admin' };

describe('the password file of a run', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ringfence-run-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('is its own, closed to others, and gone after the run, also after one that failed', async () => {
    const [first, second] = await Promise.all(
      ['one', 'two'].map((password) =>
        withPasswordFile(dir, { ...ADMIN, password }, async (path) => {
          expect(statSync(path).mode & 0o777).toBe(0o600);
          return findPassword(path, SERVER);
        }),
      ),
    );
    expect([first, second]).toEqual(['one', 'two']);
    const failed = withPasswordFile(dir, ADMIN, () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('of a killed run is removed by the next one, that of a running one is not', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(dir, `pgpass.${ended}.left`), 'x', { mode: 0o600 });
    writeFileSync(join(dir, `pgpass.${process.pid}.other`), 'x', { mode: 0o600 });
    await withPasswordFile(dir, ADMIN, async () => undefined);
    expect(readdirSync(dir)).toEqual([`pgpass.${process.pid}.other`]);
  });
});
