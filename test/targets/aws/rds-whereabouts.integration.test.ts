import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import type { ServerPart } from '../../../core/whereabouts.js';
import { openRds, type Rds } from '../../../targets/aws/rds/api.js';
import { rdsWhereabouts } from '../../../targets/aws/rds/whereabouts.js';
import { useDatabase } from '../../support/cell-database.js';
import { findMoto, startMoto } from '../../support/rds/moto.js';

const HOME = 'eu-central-1';
const program = await findMoto();

describe.skipIf(program === undefined)('Where an instance of Amazon RDS is', () => {
  const db = useDatabase();
  let endpoint: string;
  let stop: () => Promise<void>;
  const clientIn = (region: string): RDSClient =>
    new RDSClient({
      region,
      endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  const rdsIn = (region: string): Rds =>
    openRds({
      rds: async () => clientIn(region),
      secrets: () => Promise.reject(new Error('nobody asks for it')),
    });
  /** Moto gives automated backups no ARN, and gives some to instances that keep none. */
  const backedUp = (automated: readonly string[]): Rds => ({
    ...rdsIn(HOME),
    automatedBackups: async () => [...automated],
  });
  const ask = async (id: string, part: ServerPart, rds = backedUp([])) =>
    (await rdsWhereabouts(part, { id, rds, rdsIn, endpoint: '', connect: async () => db.connection })).map(
      (found) => ({
        what: found.what,
        is: found.answer === 'region' ? found.region : found.answer,
      }),
    );
  const make = (id: string, settings = {}) =>
    clientIn(HOME).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.small',
        AllocatedStorage: 20,
        MasterUsername: 'clinic',
        MasterUserPassword: 'of 24 letters and digits',
        ...settings,
      }),
    );

  beforeAll(async () => {
    const moto = await startMoto(program ?? '');
    ({ endpoint, stop } = moto);
    await make('clinics', { BackupRetentionPeriod: 7 });
    await make('alone', { BackupRetentionPeriod: 0 });
    await make('chatty', { EnableCloudwatchLogsExports: ['postgresql'] });
  });
  afterAll(() => stop?.());

  it('is the region in its ARN, and so are its logs, unless they go to CloudWatch', async () => {
    const at = (what: string) => [{ what, is: HOME }];
    expect(await ask('clinics', 'database')).toEqual(at('instance clinics'));
    expect(await ask('clinics', 'logs')).toEqual(at('logs of clinics'));
    expect(await ask('chatty', 'logs')).toEqual([{ what: 'logs of chatty', is: 'unknown' }]);
  });

  it('is nowhere else when it has no replicas, backups or snapshots, and RDS was asked', async () => {
    expect(await ask('alone', 'replicas')).toEqual([{ what: 'replicas of alone', is: 'none' }]);
    expect(await ask('alone', 'history')).toEqual([{ what: 'backups of alone', is: 'none' }]);
  });

  it('is also where its snapshots, its replicas and theirs are', async () => {
    await clientIn(HOME).send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'alone', DBSnapshotIdentifier: 'by-hand' }),
    );
    expect(await ask('alone', 'history')).toEqual([{ what: 'snapshot of alone', is: HOME }]);
    const own = `arn:aws:rds:${HOME}:123456789012:auto-backup:ab-1`;
    const copied: Rds = {
      ...backedUp([own, '']),
      get: async (id) => ({ ...(await rdsIn(HOME).get(id)), backupCopies: [own.replace(HOME, 'eu-west-2')] }),
    };
    expect(await ask('clinics', 'history', copied)).toEqual([
      { what: 'automated backups of clinics', is: HOME },
      { what: 'automated backups of clinics', is: 'unknown' },
      { what: 'copy of the automated backups of clinics', is: 'eu-west-2' },
    ]);
    await clientIn(HOME).send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'near',
        SourceDBInstanceIdentifier: 'clinics',
      }),
    );
    const far = clientIn('us-east-1');
    await far.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'far',
        SourceDBInstanceIdentifier: `arn:aws:rds:${HOME}:123456789012:db:clinics`,
      }),
    );
    const replicas = await ask('clinics', 'replicas');
    expect(replicas).toContainEqual({ what: 'replica near of clinics', is: HOME });
    expect(replicas).toContainEqual({ what: 'replica far of clinics', is: 'us-east-1' });
  });

  it('cannot be told of subscribers, whom RDS does not know, while the database does not name them', async () => {
    const connect = () => Promise.reject(new RingfenceError('database_unavailable', 'nobody answers'));
    const found = await rdsWhereabouts('replicas', {
      id: 'alone',
      rds: rdsIn(HOME),
      rdsIn,
      endpoint: '',
      connect,
    });
    expect(found).toMatchObject([{ what: 'subscribers of alone', answer: 'unknown' }]);
  });

  it('cannot be told of an instance that is not there, and while nobody answers or RDS refuses', async () => {
    expect(await ask('nobodys', 'database')).toEqual([{ what: 'instance nobodys', is: 'unknown' }]);
    const away = openRds({
      rds: async () =>
        new RDSClient({
          region: HOME,
          endpoint: 'http://127.0.0.1:9',
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
          maxAttempts: 1,
        }),
      secrets: () => Promise.reject(new Error('nobody asks for it')),
    });
    for (const part of ['database', 'replicas', 'history', 'logs'] as const)
      expect(await ask('clinics', part, away)).toEqual([{ what: 'instance clinics', is: 'unknown' }]);
    const quiet: Rds = { ...rdsIn(HOME), snapshots: () => away.snapshots({ id: 'clinics' } as never) };
    expect(await ask('clinics', 'history', quiet)).toContainEqual({
      what: 'snapshots of clinics',
      is: 'unknown',
    });
  });
});
