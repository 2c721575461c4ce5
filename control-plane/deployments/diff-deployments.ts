import diff from 'microdiff';
import { RingfenceError } from '../../core/errors.js';
import type { Deployment } from './store.js';

/** A value that two deployments differ in. */
export interface DeploymentChange {
  /** `clinics.0.name` */
  readonly path: string;
  /** Undefined where one of the two has no such value. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Returns the changes between two deployments, by their place in the inputs. */
export const diffDeployments = (before: Deployment, after: Deployment): DeploymentChange[] =>
  diff(before.inputs, after.inputs).map((change) => ({
    path: change.path.join('.'),
    before: change.type === 'CREATE' ? undefined : change.oldValue,
    after: change.type === 'REMOVE' ? undefined : change.value,
  }));

/** @throws RingfenceError `deployment_not_found`, naming those that there are. */
export const deploymentOf = (deployments: readonly Deployment[], number: number): Deployment => {
  const found = deployments.find((deployment) => deployment.number === number);
  if (found) return found;
  throw new RingfenceError('deployment_not_found', `there is no deployment ${number}`, {
    fix:
      deployments.length > 0
        ? `choose from: ${deployments.map((deployment) => deployment.number).join(', ')}`
        : 'there is none yet',
  });
};
