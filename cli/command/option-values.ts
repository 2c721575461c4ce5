import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { MOMENT_ALLOWED, parseMoment } from '../../core/moment.js';
import { isName } from '../../core/postgres-name.js';
import { REPLICA_COUNTS, type Replicas } from '../../core/replicas.js';

/** `<from>=<to>`. */
export const parsePair = (text: string): readonly [from: string, to: string] => {
  const [from = '', to = '', ...more] = text.split('=');
  if (from !== '' && to !== '' && more.length === 0) return [from, to];
  throw new InvalidArgumentError('allowed: <of the export>=<of the tenant>');
};

export const existingFolder =
  (from: string) =>
  (folder: string): string => {
    if (statSync(resolve(from, folder), { throwIfNoEntry: false })?.isDirectory()) return folder;
    throw new InvalidArgumentError('there is no such folder');
  };

export const parsePort = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_535) return port;
  throw new InvalidArgumentError('allowed: a number from 1024 to 65535');
};

export const parseCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000_000) return count;
  throw new InvalidArgumentError('allowed: a whole number from 1');
};

export const parseReplicas = (text: string): Replicas => {
  const count = REPLICA_COUNTS.find((allowed) => String(allowed) === text);
  if (count !== undefined) return count;
  throw new InvalidArgumentError(`allowed: ${REPLICA_COUNTS.join(' or ')}`);
};

/** `vpc-…,subnet-…,subnet-…` */
export const parseNetwork = (text: string): { vpcId: string; subnetIds: string[] } => {
  const [vpcId = '', ...subnetIds] = text.split(',');
  if (vpcId.startsWith('vpc-') && subnetIds.length >= 2 && subnetIds.every((id) => id.startsWith('subnet-')))
    return { vpcId, subnetIds };
  throw new InvalidArgumentError('allowed: the id of a network and those of subnets in two zones or more');
};

/** `arn:…,arn:…` */
const parseArns = (text: string): string[] => {
  const arns = text.split(',');
  if (arns.every((arn) => arn.startsWith('arn:'))) return arns;
  throw new InvalidArgumentError('allowed: ARNs with commas between them');
};

/** `arn:…,arn:…`, or `none` */
export const parseArnsOrNone = (text: string): string[] => (text === 'none' ? [] : parseArns(text));

/** A name, or `none` */
export const parseNameOrNone = (text: string): string | null => (text === 'none' ? null : text);

/** `NAME=arn:…,NAME=arn:…`, or `none` */
export const parseSecrets = (text: string): Record<string, string> => {
  if (text === 'none') return {};
  const pairs = text.split(',').map((pair): [string, string] => {
    const [name = '', arn = ''] = pair.split(/=(.*)/s);
    return [name, arn];
  });
  if (pairs.every(([name, arn]) => name !== '' && arn.startsWith('arn:'))) return Object.fromEntries(pairs);
  throw new InvalidArgumentError('allowed: RINGFENCE_…=arn:… with commas between them, or none');
};

/** The number of an account of AWS. */
export const parseAccount = (text: string): string => {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('allowed: the twelve digits of an account');
};

export const parseDays =
  (from: number, to: number) =>
  (text: string): number => {
    const days = Number(text);
    if (/^\d+$/.test(text) && days >= from && days <= to) return days;
    throw new InvalidArgumentError(`allowed: a whole number from ${from} to ${to}`);
  };

export const parseMinutes = (text: string): number => {
  const minutes = Number(text);
  if (/^\d+$/.test(text) && minutes >= 0 && minutes <= 10_080) return minutes;
  throw new InvalidArgumentError('allowed: a whole number from 0 to 10080');
};

export const parseTime = (text: string): Date => {
  const time = parseMoment(text);
  if (time) return time;
  throw new InvalidArgumentError(`allowed: ${MOMENT_ALLOWED}`);
};

export const parseColumn = (column: string): string => {
  if (isName(column)) return column;
  throw new InvalidArgumentError('allowed: the name of a column, such as updated_at');
};

export const parseUuid = (text: string): string => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('allowed: a UUID');
};

/** The reason of an action, for a lasting record. */
export const parseReason = (text: string): string => {
  const reason = text.trim();
  if (reason.length >= 1 && reason.length <= 1_000) return reason;
  throw new InvalidArgumentError('allowed: 1 to 1,000 characters');
};
