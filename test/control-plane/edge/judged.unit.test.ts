import { expect, test } from 'vitest';
import { refuseViolations } from '../../../control-plane/policies/refuse.js';
import { declaredSubjects } from '../../../control-plane/policies/subjects.js';
import { type Judgement, judge } from '../../../policies/judge.js';
import { declaredResources } from '../../../stacks/declared-resources.js';
import { edgeStack } from '../../../stacks/names.js';
import { edgeProgram } from '../../../stacks/programs/edge/edge.js';
import { promisesOf, tenantOf } from '../../policies/promises.js';
import { KEYS, testEdge } from '../../support/cloudflare/edge-inputs.js';

const TENANTS = ['uno', 'dos', 'operator', 'key'].map((slug) => tenantOf({ slug }));

/** What the rules say of the edge's own program, where its entries put the tenants into a jurisdiction. */
const judged = async (jurisdiction: 'eu' | null): Promise<Judgement[]> => {
  const { entries } = testEdge();
  const placed = Object.fromEntries(
    Object.entries(entries).map(([host, text]) => [
      host,
      JSON.stringify({ ...JSON.parse(text), jurisdiction }),
    ]),
  );
  const program = async () => edgeProgram(testEdge({ entries: placed }), KEYS)();
  const declared = await declaredResources(edgeStack('main'), program);
  return judge(declaredSubjects(declared), promisesOf({ tenants: TENANTS }));
};

test('the edge keeps every promise, and says that only its objects tell where they are', async () => {
  const judgements = await judged('eu');
  expect(() => refuseViolations(judgements)).not.toThrow();
  const open = judgements.flatMap((judgement) => ('unknown' in judgement ? judgement.unknown : []));
  expect(open).toEqual(['where its Durable Objects are: an object reports that when it runs']);
  const kept = judgements.flatMap(({ rule, verdict }) => (verdict === 'passed' ? rule : []));
  expect(new Set(kept)).toEqual(new Set(['edge-secrets', 'edge-jurisdiction', 'tls']));
});

test('an edge that puts tenants of the EU anywhere is refused before it is deployed, with exit status 5', async () => {
  const judgements = await judged(null);
  expect(() => refuseViolations(judgements)).toThrow(
    expect.objectContaining({
      code: 'policy_violated',
      exitStatus: 5,
      message: expect.stringMatching(/entry-uno[^\n]*outside of jurisdiction eu(?:.|\n)*entry-citas[.]dos/),
    }),
  );
});
