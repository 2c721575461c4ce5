import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, vi } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { aws } from '../../../targets/aws/index.js';
import type { HostedCell, TargetContext } from '../../../targets/target.js';
import { keyRootConformance } from '../../data-plane/keys/key-root.conformance.js';
import { startManagedPostgres } from '../../support/rds/managed-postgres.js';
import { findMoto } from '../../support/rds/moto.js';
import { INSTANCE, startRds } from '../../support/rds/use-rds.js';
import { cellHostConformance, type HostScene } from '../cell-host.conformance.js';

const program = await findMoto();

const cell = (name: string, rdsInstance: string): HostedCell => ({
  name,
  region: 'eu-central-1',
  address: { rdsInstance },
  port: null,
});

const contextIn = (home: string): TargetContext => ({
  home,
  env: {},
  reached: () => undefined,
  say: () => undefined,
});

const openScene = async (): Promise<HostScene> => {
  const home = mkdtempSync(join(tmpdir(), 'ringfence-aws-target-'));
  const postgres = await startManagedPostgres();
  const rds = await startRds(program ?? '', postgres);
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: rds.endpoint,
  }))
    vi.stubEnv(name, value);
  const context = contextIn(home);
  const scene = { context, cell: cell('away', INSTANCE), missing: cell('missing', 'nobodys') };
  for (const each of [scene.cell, scene.missing])
    await aws.open(context).host(each).network.keep(postgres.caFile);
  return {
    ...scene,
    change: async () => {
      const password = 'another one, of 24 letters';
      await postgres.asProvider((provider) =>
        withConnection(provider, (client) =>
          client.query(`ALTER ROLE ${postgres.master.user} PASSWORD '${password}'`),
        ),
      );
      await rds.keepPassword(password);
    },
    silence: () => {
      rds.wrong = { isDown: true };
    },
    speak: () => rds.reset(),
    stop: async () => {
      await rds.stop();
      postgres.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const keys = mkdtempSync(join(tmpdir(), 'ringfence-aws-keys-'));
afterAll(() => rmSync(keys, { recursive: true, force: true }));
keyRootConformance('the root of cells on RDS', async () =>
  aws.open(contextIn(keys)).keyRoot({ region: 'eu-central-1', address: { rdsInstance: 'clinics' } }),
);

describe.skipIf(program === undefined)('on Amazon RDS', () => {
  afterAll(() => vi.unstubAllEnvs());
  cellHostConformance(aws, openScene);
});
