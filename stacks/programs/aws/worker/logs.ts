import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { LogMetricFilter } from '@pulumi/aws/cloudwatch/logMetricFilter.js';
import { MetricAlarm } from '@pulumi/aws/cloudwatch/metricAlarm.js';
import type { Key } from '@pulumi/aws/kms/key.js';
import { LOG_RETENTION_DAYS } from '../logs.js';
import type { AwsScope } from '../scope.js';

const NAMESPACE = 'Ringfence';
const PERIOD_SECONDS = 300;

/**
 * The log of the worker, under the cell's key, and an alarm for the alerts in it: a network without a way out has none to a webhook
 * either.
 */
export const workerLogs = ({ inputs, names, options, tags }: AwsScope, key: Key): LogGroup => {
  const group = new LogGroup(
    'log-worker',
    {
      name: names.workerLogs,
      kmsKeyId: key.arn,
      retentionInDays: LOG_RETENTION_DAYS,
      skipDestroy: false,
      tags: tags(),
    },
    options,
  );
  const metric = names.alarm('worker-alerts');
  new LogMetricFilter(
    'worker-alerts',
    {
      name: metric,
      logGroupName: group.name,
      // As `runWorker` begins the line of an alert.
      pattern: 'ALERT',
      metricTransformation: { name: metric, namespace: NAMESPACE, value: '1' },
    },
    options,
  );
  new MetricAlarm(
    'alarm-worker-alerts',
    {
      name: metric,
      alarmDescription: `The worker of Ringfence cell ${inputs.cell} has an alert in its log ${names.workerLogs}`,
      namespace: NAMESPACE,
      metricName: metric,
      statistic: 'Sum',
      period: PERIOD_SECONDS,
      evaluationPeriods: 1,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 0,
      treatMissingData: 'notBreaching',
      alarmActions: inputs.alarmTopics,
      okActions: inputs.alarmTopics,
      tags: tags(),
    },
    options,
  );
  return group;
};
