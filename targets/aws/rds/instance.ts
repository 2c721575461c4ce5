import type { DBInstance } from '@aws-sdk/client-rds';
import { RingfenceError } from '../../../core/errors.js';

/** The properties of an instance of Amazon RDS that Ringfence needs. */
export interface RdsInstance {
  readonly id: string;
  readonly arn: string;
  /** The id that stays when the instance gets another name. */
  readonly resourceId: string;
  /** As RDS says it: `available`, `creating`, `modifying`, ... */
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  /** Undefined while RDS makes the instance. */
  readonly endpoint: { readonly host: string; readonly port: number } | undefined;
  readonly masterUser: string;
  /** The secret with the master user's password, when RDS manages it. */
  readonly secretArn: string | undefined;
  readonly isEncrypted: boolean;
  readonly isPublic: boolean;
  /** Whether RDS refuses to delete it. */
  readonly isProtected: boolean;
  /** The number of days back to which RDS can restore; 0 when it keeps no backups. */
  readonly retentionDays: number;
  readonly latestRestorable: Date | undefined;
  readonly subnetGroup: string | undefined;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | undefined;
  readonly certificateAuthority: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Its availability zone, and that of its standby. */
  readonly zones: readonly string[];
  /** Identifiers of read replicas in its region, ARNs of those in others; instances, and clusters. */
  readonly replicas: readonly string[];
  readonly clusterReplicas: readonly string[];
  /** ARNs of its automated backups in other regions. */
  readonly backupCopies: readonly string[];
  /** The logs that it sends to CloudWatch. */
  readonly exportedLogs: readonly string[];
}

export const asInstance = (found: DBInstance): RdsInstance => {
  const { Address: host, Port: port } = found.Endpoint ?? {};
  return {
    id: found.DBInstanceIdentifier ?? '',
    arn: found.DBInstanceArn ?? '',
    resourceId: found.DbiResourceId ?? '',
    status: found.DBInstanceStatus ?? '',
    engine: found.Engine ?? '',
    engineVersion: found.EngineVersion ?? '',
    instanceClass: found.DBInstanceClass ?? '',
    endpoint: host !== undefined && port !== undefined ? { host, port } : undefined,
    masterUser: found.MasterUsername ?? '',
    secretArn: found.MasterUserSecret?.SecretArn,
    isEncrypted: found.StorageEncrypted === true,
    isPublic: found.PubliclyAccessible === true,
    isProtected: found.DeletionProtection === true,
    retentionDays: found.BackupRetentionPeriod ?? 0,
    latestRestorable: found.LatestRestorableTime,
    subnetGroup: found.DBSubnetGroup?.DBSubnetGroupName,
    securityGroups: (found.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    parameterGroup: found.DBParameterGroups?.[0]?.DBParameterGroupName,
    certificateAuthority: found.CACertificateIdentifier,
    tags: Object.fromEntries((found.TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    zones: [found.AvailabilityZone, found.SecondaryAvailabilityZone].flatMap((zone) => zone ?? []),
    replicas: found.ReadReplicaDBInstanceIdentifiers ?? [],
    clusterReplicas: found.ReadReplicaDBClusterIdentifiers ?? [],
    backupCopies: (found.DBInstanceAutomatedBackupsReplications ?? []).flatMap(
      ({ DBInstanceAutomatedBackupsArn: arn }) => arn ?? [],
    ),
    exportedLogs: found.EnabledCloudwatchLogsExports ?? [],
  };
};

/** Roles can be granted without a superuser since then. */
const OLDEST_MAJOR = 16;

/**
 * Health data goes only to an instance that is fit for it.
 * @throws RingfenceError config_invalid, naming everything that is not; rds_unavailable while RDS is at work on it.
 */
export const requireSuitable = (instance: RdsInstance): void => {
  const wrong = [
    instance.engine !== 'postgres' && `its engine is ${instance.engine}, not postgres`,
    instance.engine === 'postgres' &&
      Number.parseInt(instance.engineVersion, 10) < OLDEST_MAJOR &&
      `it is Postgres ${instance.engineVersion}; ${OLDEST_MAJOR} is the oldest that will do`,
    !instance.isEncrypted && 'its storage is not encrypted',
    instance.isPublic && 'it is publicly accessible',
    instance.retentionDays === 0 && 'it keeps no backups of its own (backup retention period)',
  ].filter((text) => text !== false);
  if (wrong.length > 0) {
    throw new RingfenceError(
      'config_invalid',
      `instance ${instance.id} is not fit for a cell: ${wrong.join('; ')}`,
      {
        fix: 'change it with the tool that made it, or name another instance',
      },
    );
  }
  if (instance.status === 'available' && instance.endpoint !== undefined) return;
  throw new RingfenceError(
    'rds_unavailable',
    `instance ${instance.id} is ${instance.status}, not available`,
    {
      fix: 'start it, or wait until RDS has done its work, and run the command again',
    },
  );
};
