import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import { awsKmsRegions } from '../../../data-plane/keys/aws-kms-regions.js';
import { openRds } from '../../../targets/aws/rds/api.js';
import { rdsClients } from '../../../targets/aws/rds/clients.js';
import { s3Objects } from '../../../targets/aws/s3/objects.js';
import { accountIn } from '../../../targets/aws/sts/account.js';
import { type Recorder, startRecorder } from '../../support/aws/recorder.js';
import { findMoto, startMoto } from '../../support/rds/moto.js';

const REGION = 'eu-west-1';
const program = await findMoto();

/** One question by each client of ours. */
const questions = (): Record<string, () => Promise<unknown>> => {
  const key = `arn:aws:kms:${REGION}:123456789012:key/00000000-0000-4000-8000-000000000000`;
  const rds = openRds(rdsClients(REGION));
  const env = { RINGFENCE_OBJECTS: 's3://backups', AWS_ENDPOINT_URL: 'set' };
  return {
    kms: () => awsKmsRegions().anywhere.whereabouts(key),
    s3: () => s3Objects(env).at('s3://backups', 'clinics').check(),
    rds: () => rds.find('clinics'),
    secrets: () => rds.managedPassword('a-secret'),
    sts: () => accountIn(REGION),
  };
};

const ask = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(questions()).map(async ([name, question]) => [
        name,
        await question().then(
          () => undefined,
          (error: unknown) => error,
        ),
      ]),
    ),
  );

describe.skipIf(program === undefined)('Every client of AWS takes its credentials', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-credentials-'));
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let recorder: Recorder;
  const signers = async (): Promise<string[]> => {
    await ask();
    return [...recorder.signedBy];
  };
  const file = (name: string, ...lines: string[]): string => {
    const path = join(dir, name);
    writeFileSync(path, lines.join('\n'), { mode: 0o600 });
    return path;
  };
  const set = (values: Record<string, string>): void => {
    for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
  };
  const begin = async (values: Record<string, string>): Promise<void> => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    recorder = await startRecorder(moto.endpoint);
    set({ AWS_ENDPOINT_URL: recorder.endpoint, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: REGION });
    set({ AWS_SHARED_CREDENTIALS_FILE: join(dir, 'none'), AWS_CONFIG_FILE: join(dir, 'none') });
    set(values);
  };

  beforeAll(async () => {
    moto = await startMoto(program ?? '');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await recorder.stop();
  });
  afterAll(async () => {
    await moto.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('from the environment', async () => {
    await begin({ AWS_ACCESS_KEY_ID: 'OFENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'x' });
    expect(await signers()).toEqual(['OFENVIRONMENT']);
    const asked = new Set([...recorder.calls].map((call) => call.split(':')[0]));
    expect(asked).toEqual(new Set(['kms', 's3', 'rds', 'secretsmanager', 'sts']));
  });

  it('from a profile', async () => {
    const keys = ['[clinics]', 'aws_access_key_id = OFPROFILE', 'aws_secret_access_key = x'];
    await begin({ AWS_PROFILE: 'clinics', AWS_SHARED_CREDENTIALS_FILE: file('profile', ...keys) });
    expect(await signers()).toEqual(['OFPROFILE']);
  });

  it('from a profile that takes a role', async () => {
    const keys = file('base', '[base]', 'aws_access_key_id = OFBASE', 'aws_secret_access_key = x');
    const role = 'role_arn = arn:aws:iam::123456789012:role/ringfence-clinics-data-plane';
    const config = file('roles', '[profile data-plane]', role, 'source_profile = base');
    await begin({
      AWS_PROFILE: 'data-plane',
      AWS_SHARED_CREDENTIALS_FILE: keys,
      AWS_CONFIG_FILE: config,
    });
    const [base, ...taken] = await signers();
    expect(base).toBe('OFBASE');
    expect(taken.length).toBeGreaterThan(0);
    expect(recorder.calls).toContain('sts:AssumeRole');
  });

  it('for an identity token, as CI has one', async () => {
    await begin({
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/deployer',
      AWS_WEB_IDENTITY_TOKEN_FILE: file('token', 'a.b.c'),
    });
    const keys = await signers();
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^ASIA/);
  });

  it('from the endpoint of a container', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const keys = { AccessKeyId: 'OFCONTAINER', SecretAccessKey: 'x', Token: 'x', Expiration: expires };
    const server = createServer((_, answer) => answer.end(JSON.stringify(keys))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await begin({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role` });
    expect(await signers()).toEqual(['OFCONTAINER']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each<[string, () => Record<string, string>, string, string]>([
    ['there are none', () => ({}), 'there are no credentials for AWS', 'AWS_PROFILE'],
    [
      'the identity token is not there',
      () => ({ AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/r', AWS_WEB_IDENTITY_TOKEN_FILE: '/no/token' }),
      'a file of credentials for AWS is not there: /no/token',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
    ],
    [
      'nobody has signed in',
      () => ({
        AWS_PROFILE: 'sso',
        AWS_CONFIG_FILE: file(
          'sso',
          '[profile sso]',
          'sso_session = clinics',
          'sso_account_id = 123456789012',
          'sso_role_name = operator',
          '[sso-session clinics]',
          'sso_start_url = https://clinics.awsapps.com/start',
          'sso_region = eu-west-1',
        ),
      }),
      'the session at AWS IAM Identity Center is missing or has ended',
      'aws sso login',
    ],
  ])('and says the same of each where %s', async (_, values, message, fix) => {
    await begin(values());
    for (const [client, error] of Object.entries(await ask())) {
      expect([client, error]).toEqual([client, expect.any(RingfenceError)]);
      expect(error).toMatchObject({ message, fix: expect.stringContaining(fix) });
      expect(['permission_denied', 'key_access_denied']).toContain((error as RingfenceError).code);
    }
    expect(recorder.calls.size).toBe(0);
  });

  it('tells expired ones from unknown ones, whatever the service calls them', async () => {
    await begin({ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
    const { translateKmsError } = await import('../../../data-plane/keys/aws-kms-errors.js');
    const { translateRdsError } = await import('../../../targets/aws/rds/errors.js');
    const { translateS3Error } = await import('../../../targets/aws/s3/errors.js');
    for (const translate of [translateKmsError, translateRdsError, translateS3Error])
      for (const [name, message] of [
        ['ExpiredToken', 'have expired'],
        ['ExpiredTokenException', 'have expired'],
        ['SignatureDoesNotMatch', 'does not know'],
      ] as const)
        expect(translate(Object.assign(new Error(name), { name })).message).toContain(message);
  });
});
