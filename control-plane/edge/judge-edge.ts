import type { Tenant } from '../../manifest/index.js';
import type { Judgement } from '../../policies/judge.js';
import type { Promises } from '../../policies/subject.js';
import type { EdgeDocument } from '../../targets/edge/document/edge-document.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import { judgeStack } from '../policies/judge-stack.js';
import { commonPromises } from '../policies/promises.js';
import type { Runtime } from '../runtime.js';
import type { EdgePlan } from './plan-edge.js';

/** What the policies say of what would be deployed. */
export const judgeEdge = async (
  runtime: Runtime,
  { run, exists, document }: EdgePlan,
): Promise<Judgement[]> => judgeStack(runtime, { run, exists }, await promisesOfEdge(runtime, document));

/** The promises about the edge: those of every tenant that has a host there. */
const promisesOfEdge = async (runtime: Runtime, { tenants, closed }: EdgeDocument): Promise<Promises> => {
  const there = [...tenants, ...closed].filter(({ hosts }) => hosts.length > 0);
  return {
    ...(await commonPromises(runtime)),
    tenants: (await Promise.all(there.map(({ tenant }) => manifestOf(runtime, tenant)))).flat(),
  };
};

const manifestOf = async ({ control }: Runtime, slug: string): Promise<Tenant[]> => {
  const deployed = await deployedManifest(control, slug);
  return deployed ? [deployed.tenant] : [];
};
