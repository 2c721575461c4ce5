import { holdsData } from '../data-types.js';
import type { Rule } from '../rule.js';
import type { Resource } from '../subject.js';
import { isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

const KEY_WINDOW_DAYS = 30;

interface Wanted {
  readonly path: string;
  readonly is: (value: unknown) => boolean;
  readonly message: string;
  readonly fix: string;
}

const isTrue = (value: unknown): boolean => value === true;
const isNotTrue = (value: unknown): boolean => value !== true;
const isNotFalse = (value: unknown): boolean => value !== false;

const PROTECTED: Wanted = {
  path: 'deletionProtection',
  is: isTrue,
  message: 'has no deletion protection',
  fix: 'set deletionProtection to true',
};

const SNAPSHOT: Wanted = {
  path: 'skipFinalSnapshot',
  is: isNotTrue,
  message: 'would be deleted without a final snapshot',
  fix: 'set skipFinalSnapshot to false, and name finalSnapshotIdentifier',
};

const SNAPSHOT_NAME: Wanted = {
  path: 'finalSnapshotIdentifier',
  is: (value) => value !== undefined && value !== '',
  message: 'has no name for its final snapshot, so that its deletion would fail half-way',
  fix: 'name finalSnapshotIdentifier',
};

const BACKUPS: Wanted = {
  path: 'deleteAutomatedBackups',
  is: isNotTrue,
  message: 'takes its automated backups with it',
  fix: 'set deleteAutomatedBackups to false',
};

const FORCE: Wanted = {
  path: 'forceDestroy',
  is: isNotTrue,
  message: 'would be deleted with all its objects',
  fix: 'leave forceDestroy out',
};

const WANTED: Readonly<Record<string, readonly Wanted[]>> = {
  'aws:backup/vault:Vault': [FORCE],
  'aws:dynamodb/table:Table': [
    { ...PROTECTED, path: 'deletionProtectionEnabled', fix: 'set deletionProtectionEnabled to true' },
  ],
  'aws:kms/key:Key': [
    {
      path: 'deletionWindowInDays',
      is: (value) => value === undefined || Number(value) >= KEY_WINDOW_DAYS,
      message: `would be gone in less than ${KEY_WINDOW_DAYS} days, and everything under it`,
      fix: `set deletionWindowInDays to ${KEY_WINDOW_DAYS}`,
    },
    { path: 'isEnabled', is: isNotFalse, message: 'is disabled', fix: 'leave isEnabled out' },
  ],
  'aws:rds/cluster:Cluster': [PROTECTED, SNAPSHOT, SNAPSHOT_NAME, BACKUPS],
  'aws:rds/instance:Instance': [
    PROTECTED,
    SNAPSHOT,
    SNAPSHOT_NAME,
    { ...BACKUPS, is: (value) => value === false },
  ],
  'aws:s3/bucket:Bucket': [FORCE],
  'aws:s3/bucketV2:BucketV2': [FORCE],
  'aws:secretsmanager/secret:Secret': [
    {
      path: 'recoveryWindowInDays',
      is: (value) => value === undefined || Number(value) > 0,
      message: 'would be gone at once',
      fix: 'leave recoveryWindowInDays out',
    },
  ],
};

const verdictOn = ({ inputs }: Resource, { path, is, message, fix }: Wanted): Verdict => {
  const value = valueAt(inputs, path);
  if (isHidden(value) && path !== SNAPSHOT_NAME.path)
    return cannotTell(`${path}: only the deployment knows it`);
  return is(value) ? PASSED : violated(message, fix);
};

/** A replica that is deleted leaves its source with the data. */
const isReplica = ({ inputs }: Resource): boolean => valueAt(inputs, 'replicateSourceDb') !== undefined;

export const deletionProtection: Rule = {
  name: 'deletion-protection',
  description:
    'What holds data is protected from deletion, by AWS and by the engine, and leaves a snapshot behind',
  why: 'One wrong name in one command must not be able to delete a clinic',
  level: 'mandatory',
  judgeResource: (resource) => {
    if (!holdsData(resource.type) || isReplica(resource)) return undefined;
    return worst([
      ...(WANTED[resource.type] ?? []).map((wanted) => verdictOn(resource, wanted)),
      byEngine(resource),
    ]);
  },
};

const byEngine = ({ type, protect }: Resource): Verdict | undefined => {
  // Its objects go with it, but nothing of a tenant is only there.
  if (type === 'aws:cloudwatch/logGroup:LogGroup' || type === 'cloudflare:index/workersScript:WorkersScript')
    return undefined;
  if (protect === undefined) return cannotTell('whether the engine protects it: nobody says so here');
  return protect ? PASSED : violated('may be deleted by the engine', 'declare it with protect: true');
};
