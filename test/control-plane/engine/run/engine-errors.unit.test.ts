import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { translateEngineError } from '../../../../control-plane/engine/run/engine-errors.js';
import { engineOutput } from '../../../../control-plane/engine/run/engine-output.js';
import { openProject } from '../../../../control-plane/project/project.js';
import type { RingfenceError } from '../../../../core/errors.js';
import { cellCredentials } from '../../../../data-plane/database/cell-credentials.js';
import { localServerLogin } from '../../../../data-plane/database/server/local-server.js';
import { localKeyring } from '../../../../data-plane/keys/local-keyring.js';

const project = openProject(mkdtempSync(join(tmpdir(), 'ringfence-engine-')));
const cell = join(project.home, 'cells', 'one');
const env = { AWS_SECRET_ACCESS_KEY: 'of/another+account=', HOME: '/home/of/somebody' };
const ofThisRun = 'the master password of RDS';
/** By what they are, in the forms that the engine could show them in. */
const secrets = new Map<string, string[]>();

beforeAll(async () => {
  mkdirSync(project.home, { recursive: true });
  writeFileSync(join(project.home, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
  await localKeyring(join(project.home, 'keyring')).ensureRoot('one', { mayCreate: true });
  const { roots } = JSON.parse(readFileSync(join(project.home, 'keyring', 'one.json'), 'utf8'));
  const { appPassword, keeperPassword, contextKey } = cellCredentials(cell);
  const bytes = (value: Buffer) => [
    value.toString('base64'),
    value.toString('base64url'),
    value.toString('hex'),
  ];
  const text = (value: string) => [value, encodeURIComponent(value), ...bytes(Buffer.from(value))];
  secrets.set('passphrase', text('correct horse battery staple'));
  secrets.set('superuser', text(localServerLogin(cell).password));
  secrets.set('application', text(appPassword));
  secrets.set('keeper', text(keeperPassword));
  secrets.set('context key', bytes(contextKey.secret));
  secrets.set('root key', bytes(Buffer.from(roots[0].key, 'base64')));
  secrets.set('AWS', text(env.AWS_SECRET_ACCESS_KEY));
  secrets.set('of this run', text(ofThisRun));
});
afterAll(() => rmSync(project.root, { recursive: true }));

const translate = (said: string): RingfenceError =>
  translateEngineError(new Error(said), 'tenant.one', (text) =>
    engineOutput(project, env)('tenant.one', text, [ofThisRun]),
  );

describe('a failure of the engine', () => {
  it('says what the engine said, and where all of it is', () => {
    const error = translate(
      'code: 255\n stdout: Diagnostics:\n    error: resource plugin is gone\n    error: resource plugin is gone\n stderr: Panic:   fatal: An assertion has failed\n  all the rest\n',
    );
    expect(error.code).toBe('deployment_failed');
    expect(error.message).toBe(
      'the engine could not deploy stack tenant.one:\n  resource plugin is gone\n  fatal: An assertion has failed',
    );
    const path = join(project.home, 'workspace', 'stacks', 'tenant.one', 'engine.log');
    expect(error.fix).toContain(path);
    expect(readFileSync(path, 'utf8')).toContain('all the rest');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('shows no secret, neither in its message, nor in its cause, nor in the file', () => {
    const all = [...secrets.values()].flat();
    expect(all.length).toBeGreaterThan(25);
    const error = translate(all.map((form) => `error: x${form}y\n${form}\n`).join(''));
    const path = join(project.home, 'workspace', 'stacks', 'tenant.one', 'engine.log');
    const shown = `${error.message}\n${(error.cause as Error).stack}\n${readFileSync(path, 'utf8')}`;
    const found = [...secrets].filter(([, forms]) => forms.some((form) => shown.includes(form)));
    expect(found.map(([name]) => name)).toEqual([]);
    expect(shown).toContain('x[secret]y');
  });

  it('of a known kind is told as that, and its cause shows no secret either', () => {
    const [passphrase = ''] = secrets.get('passphrase') ?? [];
    const error = translate(`error: incorrect passphrase: ${passphrase}`);
    expect(error.code).toBe('key_access_denied');
    expect((error.cause as Error).message).toBe('error: incorrect passphrase: [secret]');
  });
});
