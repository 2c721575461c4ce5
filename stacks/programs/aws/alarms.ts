import { MetricAlarm } from '@pulumi/aws/cloudwatch/metricAlarm.js';
import type { Instance } from '@pulumi/aws/rds/instance.js';
import { RDS_SIZES, type RdsSize } from '../../../targets/aws/rds/sizes.js';
import type { AwsScope } from './scope.js';

const PERIOD_SECONDS = 300;
const PERIODS = 3;
const GIB = 1_024 ** 3;
/** About half of the transaction ids that there are. */
const TRANSACTION_IDS = 1_000_000_000;

interface Watched {
  readonly what: string;
  readonly metric: string;
  readonly isLow?: true;
  readonly threshold: number;
  readonly says: string;
}

const watchedOf = ({ storageGb, settings }: RdsSize): readonly Watched[] => [
  { what: 'cpu', metric: 'CPUUtilization', threshold: 85, says: 'is busy' },
  {
    what: 'storage',
    metric: 'FreeStorageSpace',
    isLow: true,
    threshold: Math.round(storageGb * 0.15 * GIB),
    says: 'has little free storage',
  },
  {
    what: 'memory',
    metric: 'FreeableMemory',
    isLow: true,
    threshold: 256 * 1_024 ** 2,
    says: 'has little free memory',
  },
  {
    what: 'connections',
    metric: 'DatabaseConnections',
    threshold: Math.floor(settings.maxConnections * 0.9),
    says: 'has few connections left',
  },
  {
    what: 'slots',
    metric: 'OldestReplicationSlotLag',
    threshold: Math.round(storageGb * 0.2 * GIB),
    says: 'keeps much log for a reader that does not read it',
  },
  {
    what: 'transactions',
    metric: 'MaximumUsedTransactionIDs',
    threshold: TRANSACTION_IDS,
    says: 'needs a vacuum before its transaction ids run out',
  },
];

/** Alarms of the instance; they tell the topics of the inputs, and without one they stand in CloudWatch only. */
export const cellAlarms = ({ inputs, names, options, tags }: AwsScope, database: Instance): void => {
  for (const { what, metric, isLow, threshold, says } of watchedOf(RDS_SIZES[inputs.size])) {
    new MetricAlarm(
      `alarm-${what}`,
      {
        name: names.alarm(what),
        alarmDescription: `The database of Ringfence cell ${inputs.cell} ${says}`,
        namespace: 'AWS/RDS',
        metricName: metric,
        dimensions: { DBInstanceIdentifier: database.identifier },
        statistic: isLow ? 'Minimum' : 'Maximum',
        period: PERIOD_SECONDS,
        evaluationPeriods: PERIODS,
        comparisonOperator: isLow ? 'LessThanThreshold' : 'GreaterThanThreshold',
        threshold,
        treatMissingData: 'missing',
        alarmActions: inputs.alarmTopics,
        okActions: inputs.alarmTopics,
        tags: tags(),
      },
      options,
    );
  }
};
