import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDisk, judgeDisk } from '../../../control-plane/doctor/checks/disk.js';
import { checkPermissions } from '../../../control-plane/doctor/checks/permissions.js';
import { judgePostgres } from '../../../control-plane/doctor/checks/postgres.js';
import { openScene, type Scene } from '../engine/scene.js';

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.remove());

const context = () => ({ project: scene.project, env: scene.env, lookup: { skipped: [] } });

describe('Postgres', () => {
  it.each(['15.19', '16.15', '17.11', '18.4', '18.6', '14.30'])('%s is open to the hole', (version) => {
    expect(judgePostgres(`postgres (PostgreSQL) ${version}`, '/bin/postgres')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/CVE-2026-120154: .*ON CONFLICT.*clinic_id/),
      data: { version, advisories: ['CVE-2026-120154'] },
    });
  });

  it.each(['15.20', '16.16', '17.12', '18.7', '18.10', '19.0'])('%s is closed to it', (version) => {
    expect(judgePostgres(`postgres (PostgreSQL) ${version}\n`, '/bin/postgres')).toMatchObject({
      status: 'ok',
      data: { version, advisories: [] },
    });
  });

  it('names the release to move to', () => {
    expect(judgePostgres('postgres (PostgreSQL) 18.4', '/p').fix).toContain('Postgres 18.7 or newer');
    expect(judgePostgres('postgres (PostgreSQL) 13.2', '/p').fix).toContain('a supported major version');
  });

  it('fails on binaries that print something else', () => {
    expect(judgePostgres('no such thing', '/p').status).toBe('fail');
  });
});

describe('disk', () => {
  it.each([
    [2_000_000_000, 'ok'],
    [1_999_999_999, 'warn'],
    [200_000_000, 'warn'],
    [199_999_999, 'fail'],
    [0, 'fail'],
  ])('%d bytes: %s', (bytes, status) => {
    expect(judgeDisk(bytes, '/home')).toMatchObject({ status, data: { availableBytes: bytes } });
  });

  it('is measured for a home that does not exist yet', async () => {
    expect(await checkDisk(context())).toMatchObject({ data: { availableBytes: expect.any(Number) } });
  });
});

describe('permissions', () => {
  const secret = (path: string, mode: number): string => {
    const file = join(scene.project.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'secret');
    chmodSync(file, mode);
    return file;
  };

  it('are fine for a home that does not exist yet, and for closed secrets', async () => {
    expect(await checkPermissions(context())).toMatchObject({ status: 'ok' });
    for (const path of ['passphrase', 'control/server.json', 'cells/eu-1/server.json', 'keyring/root.json']) {
      secret(path, 0o600);
    }
    expect(await checkPermissions(context())).toMatchObject({ status: 'ok', data: { readable: [] } });
  });

  it.each(['passphrase', 'control/server.json', 'cells/eu-1/server.json', 'keyring/root.json'])(
    'fail when others may read %s',
    async (path) => {
      const file = secret(path, 0o640);
      expect(await checkPermissions(context())).toMatchObject({
        status: 'fail',
        detail: `other users may read ${path}`,
        fix: `chmod 600 ${file}`,
      });
    },
  );

  it('warn when others may write the home', async () => {
    mkdirSync(scene.project.home, { recursive: true });
    chmodSync(scene.project.home, 0o777);
    expect(await checkPermissions(context())).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('chmod go-w'),
    });
  });

  it.runIf(process.getuid?.() === 0)('tell root where servers go when others may not enter', async () => {
    mkdirSync(scene.project.home, { recursive: true });
    expect(await checkPermissions(context())).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining(`below ${scene.dir}`),
      data: { rootDataDir: '/var/lib/ringfence' },
    });
  });
});
