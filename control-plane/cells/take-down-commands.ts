import type { RegionName } from '../../core/regions.js';
import { awsNames } from '../../stacks/programs/aws/names.js';

/** Commands that take down a cell that Ringfence made in AWS, and what `cells down` leaves of it but the bucket, in this order. */
export const takeDownCommands = (name: string, region: RegionName): string[] => {
  const { instance, finalSnapshot, storageKey, tenantKey } = awsNames(name);
  const aws = (command: string): string => `aws ${command} --region ${region}`;
  const idOf = (alias: string): string =>
    `$(${aws(`kms describe-key --key-id ${alias} --query KeyMetadata.KeyId --output text`)})`;
  return [
    aws(
      `rds modify-db-instance --db-instance-identifier ${instance} --no-deletion-protection --apply-immediately`,
    ),
    `ringfence cells down ${name} --purge --yes`,
    aws(`rds delete-db-snapshot --db-snapshot-identifier ${finalSnapshot}`),
    ...[storageKey, tenantKey].map((alias) =>
      aws(`kms schedule-key-deletion --pending-window-in-days 7 --key-id ${idOf(alias)}`),
    ),
  ];
};
