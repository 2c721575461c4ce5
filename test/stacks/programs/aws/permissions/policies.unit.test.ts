import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { AWS_ROLES, type AwsRole } from '../../../../../core/aws-roles.js';
import { bucketName } from '../../../../../stacks/programs/aws/names.js';
import { APPLICATION } from '../../../../../stacks/programs/aws/permissions/application.js';
import { DEPLOYER, PLUGIN_CALLS } from '../../../../../stacks/programs/aws/permissions/deployer.js';
import { RESTORER } from '../../../../../stacks/programs/aws/permissions/restorer.js';
import { actionsOf, policyFor } from '../../../../../stacks/programs/aws/permissions/roles.js';
import { STATE } from '../../../../../stacks/programs/aws/permissions/state.js';
import { WORKER } from '../../../../../stacks/programs/aws/permissions/worker.js';
import { EVERYTHING } from '../../../../support/aws/cell-inputs.js';
import { IAM_ACTIONS } from '../../../../support/aws/iam-action.js';
import { RESOURCE_TYPES } from '../../../../support/aws/resource-types.js';

interface Written {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const written = (role: AwsRole, place = EVERYTHING): Written[] =>
  policyFor(role, place) as unknown as Written[];

const referenceOf = (action: string) => {
  const said = IAM_ACTIONS.actions[action];
  if (said === undefined) throw new Error(`IAM has no ${action}: npm run aws:actions`);
  return said;
};

/** Whether the ARNs of a kind of thing, as AWS writes them, may be among those of a policy. */
const matches = (template: string, resource: string): boolean => {
  const form = template.split(/\$\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${form.join('.+')}$`).test(resource.replaceAll('*', 'x'));
};

/** Keys that a condition may have with any action. */
const GLOBAL = new Set(['aws:RequestedRegion']);
/** A key of a tag, without which. */
const kindOf = (key: string): string => key.replace(/^(aws:(?:Request|Resource)Tag\/).*/, '$1');

test.each(AWS_ROLES)('the policy of the %s is of the form that AWS’s reference gives each action', (role) => {
  const wrong: string[] = [];
  for (const { Action, Resource, Condition = {} } of written(role))
    for (const action of Action) {
      const { resources, conditionKeys } = referenceOf(action);
      const isFor = resources.filter(({ arn }) => Resource.some((resource) => matches(arn, resource)));
      if (Resource.includes('*')) {
        if (resources.length > 0) wrong.push(`${action} takes resources, and gets *`);
      } else if (isFor.length === 0) wrong.push(`${action} is for none of ${Resource.join(', ')}`);
      const allowed = new Set([...conditionKeys, ...isFor.flatMap((type) => type.conditionKeys)].map(kindOf));
      for (const key of Object.values(Condition).flatMap(Object.keys))
        if (!GLOBAL.has(key) && !allowed.has(kindOf(key))) wrong.push(`${action} has no ${key}`);
    }
  expect(wrong).toEqual([]);
});

test.each(AWS_ROLES)('the %s has each kind of thing that AWS requires for an action', (role) => {
  const statements = written(role);
  const missing = [...new Set(actionsOf(role).map(({ action }) => action))].flatMap((action) => {
    const granted = statements.filter(({ Action }) => Action.includes(action)).flatMap((one) => one.Resource);
    return referenceOf(action)
      .resources.filter(({ required, arn }) => required && !granted.some((given) => matches(arn, given)))
      .map(({ type }) => `${action} needs ${type}`);
  });
  expect(missing).toEqual([]);
});

test('no policy names a thing of another cell, account or region', () => {
  for (const role of AWS_ROLES)
    for (const { Resource, Condition } of written(role))
      for (const resource of Resource) {
        if (resource === '*') {
          expect(JSON.stringify(Condition)).toContain('aws:RequestedRegion');
          continue;
        }
        const [, , service, region, account, ...thing] = resource.split(':');
        const bucket = bucketName('clinics', '123456789012', 'eu-west-1');
        if (service === 's3') expect(thing.join(':')).toMatch(new RegExp(`^${bucket}(?:/\\*)?$`));
        else expect(account).toBe('123456789012');
        if (!['s3', 'iam'].includes(service ?? '')) expect(['eu-west-1', 'eu-central-1']).toContain(region);
        const isNamed = thing.join(':').includes('clinics');
        const isOurs =
          isNamed || /ringfence:cell|rds:primaryDBInstanceArn/.test(JSON.stringify(Condition ?? {}));
        if (!isOurs) expect(thing.join(':')).toMatch(UNNAMED);
      }
});

/** What AWS names itself and gives no tag that a policy could ask for; docs/aws.md says what follows. */
const UNNAMED =
  /^(?:auto-backup:\*|snapshot:\*|og:default:\*|security-group\/\*|secret:rds!db-\*|vpc\/vpc-[0-9a-f]+)$/;

test('the policies fit where IAM takes them: 10,240 characters for the policies of a role', () => {
  const longest = {
    ...EVERYTHING,
    cell: `c${'l'.repeat(39)}`,
    region: 'ap-northeast-1',
    copiesIn: 'eu-central-1',
  } as const;
  for (const role of AWS_ROLES)
    expect(JSON.stringify({ Version: '2012-10-17', Statement: written(role, longest) }).length).toBeLessThan(
      10_240,
    );
});

test('the deployer gives the two roles of containers to containers, and no role to anything else', () => {
  const passing = written('deployer').filter(({ Action }) => Action.includes('iam:PassRole'));
  expect(passing).toEqual([
    {
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: ['data-plane', 'execution'].map(
        (role) => `arn:aws:iam::123456789012:role/ringfence-clinics-${role}`,
      ),
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  ]);
});

test('there are permissions for every resource type that the programs use, and for no other', () => {
  expect(Object.keys(PLUGIN_CALLS).sort()).toEqual(Object.keys(RESOURCE_TYPES).sort());
});

/** What is called with rights that no cell's policy has. */
const ELSEWHERE = new Set([
  // Of cells on an instance that was there already.
  'kms:CreateKey',
  'kms:CreateAlias',
  'kms:ScheduleKeyDeletion',
  // Everybody may.
  'sts:GetCallerIdentity',
]);

/** Calls of a command of the SDK that has another name. */
const SENT_BY: Readonly<Record<string, readonly string[]>> = {
  Upload: [
    'PutObject',
    'CreateMultipartUpload',
    'UploadPart',
    'CompleteMultipartUpload',
    'AbortMultipartUpload',
  ],
};

test('every call that our sources write is in a table, and each call of a table is written', () => {
  const root = fileURLToPath(new URL('../../../../../', import.meta.url));
  const sources = ['core', 'data-plane', 'targets', 'stacks', 'control-plane', 'cli'].flatMap((layer) =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, layer, file), 'utf8'))
      .filter((text) => text.includes('@aws-sdk/')),
  );
  const writes = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/new (\w+)Command\(|\bpaginate(\w+)\(|new (Upload)_\(/g)].flatMap(
        ([, command = '', pages = '', other = '']) => SENT_BY[other] ?? [command + pages],
      ),
    ),
  );
  const tables = [...WORKER, ...RESTORER, ...APPLICATION, ...DEPLOYER, ...STATE].flatMap(
    ({ calls }) => calls,
  );
  const known = new Set([...tables, ...ELSEWHERE].map((call) => call.split(':')[1]));
  expect([...writes].filter((call) => !known.has(call))).toEqual([]);
  expect([...known].filter((call) => !writes.has(call ?? ''))).toEqual([]);
});
