import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreCell } from '../../../control-plane/cell-restore/restore-cell.js';
import { purgeAll } from '../../../control-plane/cells/cells-down.js';
import { planCellFailover } from '../../../control-plane/failover/fail-over-cell.js';
import { addPlacement } from '../../../control-plane/moves/add-placement.js';
import { moveTenant } from '../../../control-plane/moves/move-tenant.js';
import { rehearseMove } from '../../../control-plane/moves/rehearse-move.js';
import { openRuntime } from '../../../control-plane/open-runtime.js';
import { judgeCell } from '../../../control-plane/policies/judge-cell.js';
import { refuseViolations } from '../../../control-plane/policies/refuse.js';
import { checkPolicies } from '../../../control-plane/policy-check/check-policies.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { asToolkit } from '../../../core/caller.js';
import type { RegionName } from '../../../core/regions.js';
import { cellSchemaHash } from '../../../data-plane/database/schema-hash.js';
import { promisesOf } from '../../policies/promises.js';
import { madeInAws } from '../../support/aws/cell-inputs.js';
import { deployedTenant } from '../edge/deployed-tenant.js';

const dir = mkdtempSync(join(tmpdir(), 'ringfence-judged-'));
const project = openProject(dir);
let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime({
    project,
    caller: asToolkit({ correlationId: randomUUID() }),
    env: {},
    onProgress: () => undefined,
  });
});
afterAll(async () => {
  await runtime.close();
  await purgeAll(project, {});
  rmSync(dir, { recursive: true, force: true });
});

const judge = (region: RegionName) =>
  judgeCell(
    runtime,
    {
      name: 'clinics',
      tier: 'shared',
      region,
      place: madeInAws(),
    },
    promisesOf({ schemaHash: cellSchemaHash() }),
  );
const inAws = ({ subject }: { readonly subject: string }): boolean => subject.includes(':aws.clinics::');

test('what a new cell has in AWS is judged beside what lies in its database, before anything is made', async () => {
  const judgements = await judge('eu-west-1');
  expect(judgements.filter(inAws).length).toBeGreaterThan(20);
  expect(judgements.some((one) => !inAws(one))).toBe(true);
  expect(judgements.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
});

test('in London it is refused for a tenant of the EU', async () => {
  const judgements = await judge('eu-west-2');
  expect(() => refuseViolations(judgements)).toThrow(/policy residency: urn:.*:aws\.clinics::.*London/);
});

describe('a cell whose label says London, with a tenant of the EU in it', () => {
  const LONDON = {
    code: 'policy_violated',
    exitStatus: 5,
    message: expect.stringMatching(/residency.*London/),
  };
  const wish = { slug: 'anywhere', to: 'here', drainMs: 1_000 };

  beforeAll(async () => {
    await deployedTenant(runtime, 'clinica', { manifest: {}, cell: 'here' });
    await deployedTenant(runtime, 'anywhere', { manifest: { residency: 'any' }, cell: 'there' });
    await runtime.control.query("UPDATE control.cells SET region = 'eu-west-2' WHERE name = 'here'");
  });
  const made = async () =>
    (
      await runtime.control.query(
        `SELECT (SELECT count(*) FROM control.operations) AS operations, (SELECT count(*) FROM control.placements) AS placements,
                (SELECT count(*) FROM control.cells WHERE port IS NOT NULL) AS cells`,
      )
    ).rows;

  test.each<[string, () => Promise<unknown>]>([
    ['takes another tenant in by a move', () => moveTenant(runtime, { ...wish, windowHours: 1 })],
    ['takes one in by the rehearsal of a move', () => rehearseMove(runtime, wish)],
    ['becomes a further cell of one', () => addPlacement(runtime, { slug: 'anywhere', cell: 'here' })],
  ])('never %s, and nothing is made', async (_, work) => {
    const before = await made();
    await expect(work()).rejects.toMatchObject(LONDON);
    expect(await made()).toEqual(before);
  });

  test.each<[string, (say: (line: string) => void) => Promise<unknown>]>([
    ['fails over', (say) => planCellFailover(runtime, 'here', say)],
    [
      'is restored',
      (say) =>
        restoreCell(
          runtime,
          { cell: 'here', way: 'history', to: null, tenants: [], isThere: false },
          { onViolation: say },
        ),
    ],
  ])('is told of, and not stopped, when it %s', async (_, work) => {
    const said: string[] = [];
    // There is no server behind the row, which is found after the policies were asked.
    await expect(work((line) => void said.push(line))).rejects.not.toMatchObject({ code: 'policy_violated' });
    expect(said).toContainEqual(expect.stringMatching(/goes on.*residency.*London/));
  });

  test('exceptions that are over, or cannot be read, stop a move and a check as they stop every deployment', async () => {
    const file = join(dir, 'policies.yaml');
    const move = () => moveTenant(runtime, { ...wish, windowHours: 1 });
    const check = () => checkPolicies(runtime, [], { live: false });
    const over = { rule: 'tags', resource: 'x', owner: 'Ada', reason: 'a test of it', until: '2020-01-31' };
    writeFileSync(file, JSON.stringify({ exceptions: [over] }));
    for (const work of [move, check])
      await expect(work()).rejects.toMatchObject({ code: 'exception_expired', exitStatus: 5 });
    rmSync(file);
    mkdirSync(file);
    for (const work of [move, check])
      await expect(work()).rejects.toMatchObject({ code: 'exceptions_invalid', exitStatus: 2 });
    rmSync(file, { recursive: true });
  });
});
