import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CadenceReport, useDeployedProject } from '../support/deployed-project.js';

const CELL = 'shared-eu-central-1';

const project = useDeployedProject('turnos');

test('the pack has what an external reviewer reads', async () => {
  const weekly = await project.json<CadenceReport>(['isolation', 'cadence', 'weekly']);
  expect(readFileSync(join(weekly.folder, 'audit-review.md'), 'utf8')).toContain('## turnos');
  const pack = await project.json<CadenceReport>(['isolation', 'cadence', 'quarterly']);
  expect(pack.outcome).toBe('clean');
  console.log(`quarterly pack: ${pack.steps.map(({ summary }) => summary).join('; ')}`);
  const mutants = JSON.parse(readFileSync(join(pack.folder, 'mutants.json'), 'utf8')) as {
    id: string;
    attacks: string[];
    caught: boolean;
  }[];
  const attacked = mutants.filter(({ attacks }) => attacks.length > 0).length;
  console.log(`mutants: ${mutants.length}, by an attack: ${attacked}`);
  expect(mutants.filter(({ caught }) => !caught)).toEqual([]);
  expect(attacked).toBeGreaterThanOrEqual(40);
  const deployed = readFileSync(join(pack.folder, `deployed-${CELL}.md`), 'utf8');
  for (const part of ['clinic_boundary', 'ringfence.enter(bytea)', 'ringfence_app', 'clinical.patients'])
    expect(deployed).toContain(part);
  for (const file of ['architecture.md', 'formats.md', 'scope.md', 'isolation.html', 'mutants.json'])
    expect(existsSync(join(pack.folder, file)), file).toBe(true);
});
