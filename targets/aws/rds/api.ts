import type { RDSClient } from '@aws-sdk/client-rds';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RingfenceError } from '../../../core/errors.js';
import { isAbsent, isBusy, translateRdsError } from './errors.js';
import { asInstance, type RdsInstance } from './instance.js';

/** The clients of one region. Region, credentials, retries and timeouts are theirs. Called when first needed. */
export interface RdsClients {
  rds(): Promise<RDSClient>;
  secrets(): Promise<SecretsManagerClient>;
}

/** Amazon RDS in one region, as far as Ringfence uses it. Every failure is a RingfenceError, as `translateRdsError` says. */
export interface Rds {
  find(id: string): Promise<RdsInstance | undefined>;
  /** @throws RingfenceError cell_not_found */
  get(id: string): Promise<RdsInstance>;
  /** The beginning of its window of restorable times; undefined without one. */
  restorableFrom(instance: RdsInstance): Promise<Date | undefined>;
  /** ARNs of its automated backups in its region, and of its snapshots there. */
  automatedBackups(instance: RdsInstance): Promise<string[]>;
  snapshots(instance: RdsInstance): Promise<string[]>;
  /** Begins to make `name` from the source as it was at a moment, in whole seconds: in its network, with its settings. */
  restore(source: RdsInstance, name: string, at: Date, tags: Readonly<Record<string, string>>): Promise<void>;
  setPassword(instance: RdsInstance, password: string): Promise<void>;
  /** Without a last snapshot. @returns false while RDS takes no such request for it. One that is not there is deleted. */
  remove(id: string): Promise<boolean>;
  /** The master user's password, from the secret that RDS keeps. */
  managedPassword(secretArn: string): Promise<string>;
}

type Sdk = typeof import('@aws-sdk/client-rds');

export const openRds = (clients: RdsClients): Rds => {
  const asking = <T>(work: (client: RDSClient, sdk: Sdk) => Promise<T>): Promise<T> =>
    guarded(async () => work(await clients.rds(), await import('@aws-sdk/client-rds')));

  const find = (id: string): Promise<RdsInstance | undefined> =>
    asking(async (client, { DescribeDBInstancesCommand }) => {
      try {
        const { DBInstances = [] } = await client.send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
        );
        return DBInstances[0] && asInstance(DBInstances[0]);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });

  return {
    find,

    async get(id) {
      const found = await find(id);
      if (found) return found;
      throw new RingfenceError('cell_not_found', `RDS has no instance ${id} in this account and region`, {
        fix: 'check the identifier, --region, and the account of the credentials: aws rds describe-db-instances',
      });
    },

    automatedBackups: (instance) =>
      asking(async (client, { DescribeDBInstanceAutomatedBackupsCommand }) => {
        const { DBInstanceAutomatedBackups = [] } = await client.send(
          new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId: instance.resourceId }),
        );
        return DBInstanceAutomatedBackups.flatMap(
          ({ DbiResourceId: of, DBInstanceAutomatedBackupsArn: arn = '' }) =>
            of === instance.resourceId ? arn : [],
        );
      }),

    snapshots: (instance) =>
      asking(async (client, { paginateDescribeDBSnapshots }) => {
        const arns: string[] = [];
        for await (const page of paginateDescribeDBSnapshots(
          { client },
          { DBInstanceIdentifier: instance.id, SnapshotType: 'manual' },
        ))
          arns.push(...(page.DBSnapshots ?? []).map(({ DBSnapshotArn: arn }) => arn ?? ''));
        return arns;
      }),

    restorableFrom: (instance) =>
      asking(async (client, { DescribeDBInstanceAutomatedBackupsCommand }) => {
        const { DBInstanceAutomatedBackups = [] } = await client.send(
          new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId: instance.resourceId }),
        );
        return DBInstanceAutomatedBackups.find((kept) => kept.DbiResourceId === instance.resourceId)
          ?.RestoreWindow?.EarliestTime;
      }),

    restore: (source, name, at, tags) =>
      asking(async (client, { RestoreDBInstanceToPointInTimeCommand }) => {
        await client.send(
          new RestoreDBInstanceToPointInTimeCommand({
            SourceDBInstanceIdentifier: source.id,
            TargetDBInstanceIdentifier: name,
            RestoreTime: at,
            DBInstanceClass: source.instanceClass,
            DBSubnetGroupName: source.subnetGroup,
            VpcSecurityGroupIds: [...source.securityGroups],
            DBParameterGroupName: source.parameterGroup,
            CACertificateIdentifier: source.certificateAuthority,
            PubliclyAccessible: false,
            DeletionProtection: false,
            MultiAZ: false,
            AutoMinorVersionUpgrade: false,
            CopyTagsToSnapshot: false,
            BackupRetentionPeriod: 0,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
      }),

    setPassword: (instance, password) =>
      asking(async (client, { ModifyDBInstanceCommand }) => {
        await client.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: instance.id,
            MasterUserPassword: password,
            ManageMasterUserPassword: instance.secretArn === undefined ? undefined : false,
            ApplyImmediately: true,
          }),
        );
      }),

    remove: (id) =>
      asking(async (client, { DeleteDBInstanceCommand }) => {
        try {
          await client.send(
            new DeleteDBInstanceCommand({
              DBInstanceIdentifier: id,
              SkipFinalSnapshot: true,
              DeleteAutomatedBackups: true,
            }),
          );
          return true;
        } catch (error) {
          if (isBusy(error)) return false;
          if (isAbsent(error)) return true;
          throw error;
        }
      }),

    managedPassword: (secretArn) =>
      guarded(async () => {
        const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
        const client = await clients.secrets();
        const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
        return passwordOf(SecretString);
      }),
  };
};

const passwordOf = (secret: string): string => {
  try {
    const { password } = JSON.parse(secret) as { password?: unknown };
    if (typeof password === 'string' && password !== '') return password;
  } catch {
    // Its text may be the password: it is never part of an error.
  }
  throw new RingfenceError(
    'config_invalid',
    'the secret of the master user does not hold a password as RDS writes it',
    {
      fix: 'let RDS manage the password of the instance again',
    },
  );
};

const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw translateRdsError(error);
  }
};
