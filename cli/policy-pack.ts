import { PolicyPack } from '@pulumi/policy';
import { loadExceptions } from '../control-plane/policies/load-exceptions.js';
import { packPolicies } from '../control-plane/policies/pack.js';
import { packPromises } from '../control-plane/policies/pack-promises.js';
import { openProject } from '../control-plane/project/project.js';

// The entry of the policy pack that plain `pulumi` runs: `--policy-pack .ringfence/workspace/policy-pack`.

const project = openProject(process.env.RINGFENCE_PROJECT ?? process.cwd(), process.env.RINGFENCE_HOME);
const exceptions = await loadExceptions({ project, now: () => new Date() });

new PolicyPack('ringfence', { policies: packPolicies(packPromises(project, exceptions)) });
