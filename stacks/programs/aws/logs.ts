import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import type { Key } from '@pulumi/aws/kms/key.js';
import type { AwsScope } from './scope.js';

/** What RDS sends of a Postgres. */
export const EXPORTED_LOGS = ['postgresql', 'upgrade'] as const;

export const LOG_RETENTION_DAYS = 365;

/** Groups for the logs of the instance. They come first: RDS would make them itself, without a key and for ever. */
export const cellLogs = ({ names, options, tags }: AwsScope, key: Key): LogGroup[] =>
  EXPORTED_LOGS.map(
    (log) =>
      new LogGroup(
        `log-${log}`,
        {
          name: names.logGroup(log),
          kmsKeyId: key.arn,
          retentionInDays: LOG_RETENTION_DAYS,
          skipDestroy: false,
          tags: tags(),
        },
        options,
      ),
  );
