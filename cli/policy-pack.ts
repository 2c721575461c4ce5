import { PolicyPack } from '@pulumi/policy';
import { loadExceptions } from '../control-plane/policies/load-exceptions.js';
import { packPolicies } from '../control-plane/policies/pack.js';
import { packPromises } from '../control-plane/policies/pack-promises.js';
import { openProject } from '../control-plane/project/project.js';
import { openState } from '../control-plane/project/state/open-state.js';

// The entry of the policy pack that plain `pulumi` runs: `--policy-pack .ringfence/workspace/policy-pack`.

const project = openProject(process.env.RINGFENCE_PROJECT ?? process.cwd(), process.env.RINGFENCE_HOME);
const exceptions = await loadExceptions({ project, now: () => new Date() });

const promisesOf = packPromises(project, openState(project, process.env), exceptions);

new PolicyPack('ringfence', { policies: packPolicies(promisesOf) });
