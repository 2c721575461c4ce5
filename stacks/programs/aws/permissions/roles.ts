import type { AwsRole } from '../../../../core/aws-roles.js';
import type { Statement } from '../key-policy.js';
import { APPLICATION } from './application.js';
import { DEPLOYER, PLUGIN_CALLS, pluginPermissions } from './deployer.js';
import { RESTORER } from './restorer.js';
import { type CellPlace, type Thing, type ThingName, type Things, thingsOf } from './things.js';
import { WORKER } from './worker.js';

export interface RoleAction {
  readonly action: string;
  readonly on: ThingName;
}

/** All that a role may do in AWS. */
export const actionsOf = (role: AwsRole): readonly RoleAction[] => {
  switch (role) {
    case 'deployer':
      return [...DEPLOYER, ...pluginPermissions(Object.values(PLUGIN_CALLS))];
    case 'worker':
      return WORKER;
    case 'restorer':
      return RESTORER;
    case 'application':
      return APPLICATION;
  }
};

/** The policy of a role, for the things of one cell. */
export const policyFor = (role: AwsRole, place: CellPlace): Statement[] => {
  const actions = actionsOf(role).filter(({ on }) => on !== 'givenNetwork' || place.network !== null);
  return statementsOf(withControl(actions, place), thingsOf(place));
};

/** Nothing is allowed on a control database that is on no instance of RDS. */
export const withControl = (
  actions: readonly RoleAction[],
  { control }: Pick<CellPlace, 'control'>,
): readonly RoleAction[] =>
  control ? actions : actions.filter(({ on }) => on !== 'controlDatabase' && on !== 'controlSecret');

/** A statement for each thing, with its actions by name. They have no names of their own: IAM counts the characters. */
export const statementsOf = (actions: readonly RoleAction[], things: Things): Statement[] => {
  const byThing = new Map<ThingName, Set<string>>();
  for (const { action, on } of actions) byThing.set(on, (byThing.get(on) ?? new Set()).add(action));
  return [...byThing].map(([on, named]) => {
    const { arns, condition }: Thing = things[on];
    return {
      Effect: 'Allow',
      Action: [...named].sort(),
      Resource: arns,
      ...(condition === undefined ? {} : { Condition: condition }),
    };
  });
};
