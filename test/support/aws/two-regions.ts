import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Connection } from '../../../data-plane/database/connect.js';
import { awsNames } from '../../../stacks/programs/aws/names.js';
import { type ManagedPostgres, startManagedPostgres } from '../rds/managed-postgres.js';
import { startRds } from '../rds/use-rds.js';
import { placeAwsPlugin } from './place-plugin.js';
import { type Cloud, openCloud } from './stand-in/cloud.js';

interface PlacedCell {
  readonly cell: string;
  readonly region: string;
}

/** An account of AWS in which two cells can be made, each with a real Postgres behind its instance. */
export interface TwoRegions {
  readonly cloud: Cloud;
  readonly moto: string;
  /** What commands run with. */
  readonly env: Readonly<Record<string, string>>;
  /** The authority of both servers. */
  readonly caFile: string;
  databaseOf(cell: string): Connection;
  /** A project cannot be purged while it has cells elsewhere. */
  forgetCells(): void;
  stop(): Promise<void>;
}

/** @param program of moto. @param home of the project that makes the cells */
export const openTwoRegions = async (
  program: string,
  home: string,
  [first, second]: readonly [PlacedCell, PlacedCell],
): Promise<TwoRegions> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-cloud-'));
  const here = await startManagedPostgres('ringfence_master');
  const there = await startManagedPostgres('ringfence_master', here);
  const servers = new Map<string, ManagedPostgres>([
    [first.cell, here],
    [second.cell, there],
  ]);
  const rds = await startRds(program, here, {
    instance: awsNames(first.cell).instance,
    region: first.region,
    isMade: false,
    more: [{ instance: awsNames(second.cell).instance, region: second.region, postgres: there }],
  });
  for (const { cell, region } of [first, second]) await makeTenantKey(rds.moto, region, cell);
  const cloud = openCloud(dir);
  placeAwsPlugin(home, dir);
  return {
    cloud,
    moto: rds.moto,
    env: {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: first.region,
      AWS_ENDPOINT_URL: rds.endpoint,
      AWS_ENDPOINT_URL_S3: rds.moto,
    },
    caFile: here.caFile,
    databaseOf(cell) {
      const found = servers.get(cell);
      if (!found) throw new Error(`there is no cell ${cell}`);
      return { ...found.master, database: 'ringfence' };
    },
    forgetCells() {
      for (const cell of servers.keys()) rmSync(join(home, 'cells', cell), { recursive: true, force: true });
    },
    async stop() {
      await rds.stop();
      for (const server of [there, here]) server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** What the stand-in for the engine's plugin makes is not in moto, and nobody else makes the root of such a cell. */
const makeTenantKey = async (endpoint: string, region: string, cell: string): Promise<void> => {
  const kms = new KMSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: awsNames(cell).tenantKey, TargetKeyId: made?.KeyId }));
};
