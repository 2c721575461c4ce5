import type { Key } from '@pulumi/aws/kms/key.js';
import { Instance } from '@pulumi/aws/rds/instance.js';
import { SubnetGroup } from '@pulumi/aws/rds/subnetGroup.js';
import type * as pulumi from '@pulumi/pulumi';
import { RDS_SIZES } from '../../../targets/aws/rds/sizes.js';
import { EXPORTED_LOGS } from './logs.js';
import type { CellNetwork } from './network.js';
import { cellParameters, POSTGRES_MAJOR } from './parameters.js';
import type { AwsScope } from './scope.js';

export const POSTGRES_PORT = 5_432;

const MASTER = 'ringfence_master';

/** At night in Europe; times are UTC. The maintenance comes after the backup. */
const BACKUP_WINDOW = '01:00-02:00';
const MAINTENANCE_WINDOW = 'sun:02:30-sun:03:30';

const INSIGHTS_DAYS = 7;
const AUTHORITY = 'rds-ca-rsa2048-g1';

/**
 * The instance of RDS. Nobody sees its master password: RDS makes it, keeps it in Secrets Manager and changes it. It is not
 * deleted before somebody ends its protection, and never without a last snapshot.
 */
export const cellDatabase = (
  scope: AwsScope,
  within: {
    readonly network: CellNetwork;
    readonly securityGroup: pulumi.Output<string>;
    readonly key: Key;
    readonly logs: pulumi.Resource[];
  },
): Instance => {
  const { inputs, names, options, kept, tags } = scope;
  const { instanceClass, storageGb, storageMaxGb } = RDS_SIZES[inputs.size];
  const { arn: keyArn } = within.key;
  const subnets = new SubnetGroup(
    'subnets',
    {
      name: names.subnets,
      description: `Ringfence cell ${inputs.cell}`,
      subnetIds: within.network.subnetIds,
      tags: tags(),
    },
    options,
  );
  const parameters = cellParameters(scope);
  return new Instance(
    'database',
    {
      identifier: names.instance,
      engine: 'postgres',
      engineVersion: POSTGRES_MAJOR,
      autoMinorVersionUpgrade: true,
      instanceClass,
      storageType: 'gp3',
      allocatedStorage: storageGb,
      maxAllocatedStorage: storageMaxGb,
      storageEncrypted: true,
      kmsKeyId: keyArn,
      username: MASTER,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: keyArn,
      iamDatabaseAuthenticationEnabled: true,
      caCertIdentifier: AUTHORITY,
      port: POSTGRES_PORT,
      publiclyAccessible: false,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [within.securityGroup],
      parameterGroupName: parameters.name,
      multiAz: inputs.multiAz,
      backupRetentionPeriod: inputs.historyDays,
      backupWindow: BACKUP_WINDOW,
      maintenanceWindow: MAINTENANCE_WINDOW,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: names.finalSnapshot,
      enabledCloudwatchLogsExports: [...EXPORTED_LOGS],
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: keyArn,
      performanceInsightsRetentionPeriod: INSIGHTS_DAYS,
      applyImmediately: true,
      tags: tags(),
    },
    { ...kept, dependsOn: within.logs },
  );
};
