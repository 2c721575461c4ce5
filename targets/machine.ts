import { RingfenceError } from '../core/errors.js';
import type { Whereabouts } from '../core/whereabouts.js';
import { instanceWhereabouts } from './aws/ec2/instance-identity.js';

/** The provider of this machine, which can say where it is. */
const EC2 = 'ec2';

/**
 * Where this machine is, by the word of the provider that RINGFENCE_MACHINE names: `ec2`. A machine by itself does not know,
 * and nobody is asked without that setting.
 *
 * @throws RingfenceError config_invalid
 */
export const thisMachine = async (env: NodeJS.ProcessEnv): Promise<Whereabouts> => {
  const provider = env.RINGFENCE_MACHINE ?? '';
  if (provider === EC2) return instanceWhereabouts(env);
  if (provider === '')
    return { what: 'this machine', answer: 'unknown', evidence: 'this machine says nothing of its place' };
  throw new RingfenceError('config_invalid', `RINGFENCE_MACHINE: ${JSON.stringify(provider)} is not ${EC2}`, {
    fix: `set it to ${EC2} on an instance of Amazon EC2, which says where it is; leave it out elsewhere`,
  });
};
