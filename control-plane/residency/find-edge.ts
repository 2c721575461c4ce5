import { RingfenceError } from '../../core/errors.js';
import { orUnknown, type Whereabouts } from '../../core/whereabouts.js';
import { cellStack, edgeStack, infrastructureStack, tenantStack } from '../../stacks/names.js';
import { readEdgeDocument } from '../edge/edge-document.js';
import { hasEdgeSettings } from '../edge/settings.js';
import { deployedEdges } from '../engine/run/deployed-edges.js';
import { listStacks } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

const OURS = [cellStack, edgeStack, infrastructureStack, tenantStack];

/**
 * What is at the edge: the tenant's object, by its own word. An edge that `edge.yaml` declares may have been deployed from another machine.
 * A stack that is none of ours may be somebody's own.
 */
export const findEdge = async (runtime: Runtime, slug: string): Promise<Finding[]> =>
  (await orUnknown('what is at the edge', () => lookForEdge(runtime, slug))).map((found) => ({
    part: 'edge',
    cell: null,
    declared: null,
    found,
  }));

/** @throws RingfenceError where the engine's state does not answer. */
const lookForEdge = async (runtime: Runtime, slug: string): Promise<Whereabouts[]> => {
  const { project, state } = runtime;
  const stacks = await listStacks(state);
  const others = stacks.filter((name) => !OURS.some((stackOf) => name.startsWith(stackOf(''))));
  const found = others.map(
    (name): Whereabouts => ({
      what: `stack ${name}`,
      answer: 'unknown',
      evidence: "it is in the engine's state, and is not Ringfence's",
    }),
  );
  if ((await deployedEdges(state)).length > 0 || hasEdgeSettings(project))
    found.push(...(await orUnknown(`object of ${slug} at the edge`, () => askObject(runtime, slug))));
  else if (others.length === 0)
    found.push({
      what: 'data at the edge',
      answer: 'none',
      evidence: `no edge.yaml, and no edge stack in the engine's state: ${stacks.length} stacks of cells and tenants`,
    });
  return found;
};

/** @throws RingfenceError as `EdgeReports.read` */
const askObject = async (runtime: Runtime, slug: string): Promise<Whereabouts[]> => {
  const what = `object of ${slug} at the edge`;
  const { operatorHost, tenants, closed } = await readEdgeDocument(runtime);
  const entry = tenants.find(({ tenant }) => tenant === slug);
  const [host] = entry?.hosts ?? [];
  if (host === undefined) {
    const reason = closed.find(({ tenant }) => tenant === slug)?.reason ?? 'it has no entry';
    return [
      { what, answer: 'unknown', evidence: `the edge lets nobody in, so its object is not asked: ${reason}` },
    ];
  }
  const { tenant, jurisdiction, at } = await runtime.edge.read(operatorHost, host);
  if (tenant !== slug)
    throw new RingfenceError('edge_unavailable', `the object of ${tenant} answers for ${host}`, {
      fix: 'deploy the edge again: ringfence edge deploy',
    });
  const evidence = `https://${operatorHost}/reports/${host}, at ${at}: jurisdiction ${jurisdiction ?? 'none'}`;
  return [
    jurisdiction === null
      ? { what, answer: 'unknown', evidence }
      : { what, answer: 'region', region: jurisdiction, evidence },
  ];
};
