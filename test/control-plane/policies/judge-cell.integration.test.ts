import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { purgeAll } from '../../../control-plane/cells/cells-down.js';
import { openRuntime } from '../../../control-plane/open-runtime.js';
import { judgeCell } from '../../../control-plane/policies/judge-cell.js';
import { refuseViolations } from '../../../control-plane/policies/refuse.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { asToolkit } from '../../../core/caller.js';
import type { RegionName } from '../../../core/regions.js';
import { cellSchemaHash } from '../../../data-plane/database/schema-hash.js';
import { promisesOf } from '../../policies/promises.js';
import { madeInAws } from '../../support/aws/cell-inputs.js';

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
  purgeAll(project);
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
