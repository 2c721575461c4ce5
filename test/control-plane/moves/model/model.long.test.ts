import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explore } from './explore.js';
import { type Bounds, modelOf } from './model.js';
import { MUTANTS } from './mutants.js';
import { MANY, walk } from './walk.js';

const DOCUMENT = readFileSync(new URL('../../../../docs/moves.md', import.meta.url), 'utf8');

const EXPLORED: Readonly<Record<string, Bounds>> = {
  'two applications, lost slots': {
    applications: 2,
    writesEach: 1,
    attempts: 2,
    zombies: 1,
    losesSlots: true,
  },
  'three attempts': { applications: 1, writesEach: 1, attempts: 3, zombies: 1, losesSlots: false },
};

it.each(Object.entries(EXPLORED))('keeps every property in every state with %s', (name, bounds) => {
  const { states, violation, isComplete } = explore(modelOf(bounds));
  expect(violation).toBeUndefined();
  expect(isComplete).toBe(true);
  expect(DOCUMENT.split('\n')).toContain(`| ${name} | ${states.toLocaleString('en-US')} |`);
});

it('keeps them on many random walks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 100_000 }), { minLength: 400, maxLength: 400 }), (choices) => {
      expect(walk(modelOf(MANY), choices, () => undefined)).toBeUndefined();
    }),
    { numRuns: 5_000 },
  );
});

it('fails for every mutant, by a shortest way that is written down', async () => {
  const bounds: Bounds = { applications: 1, writesEach: 1, attempts: 2, zombies: 1, losesSlots: false };
  const written = Object.entries(MUTANTS).map(([name, { change, breaks, needs }]) => {
    const { violation } = explore(modelOf({ ...bounds, ...needs }, change), { property: breaks });
    expect(violation?.property, name).toBe(breaks);
    return [
      `When ${name}, this breaks: ${breaks}.`,
      ...(violation?.steps ?? []).map((step) => `  ${step}`),
    ].join('\n');
  });
  await expect(`${written.join('\n\n')}\n`).toMatchFileSnapshot('counterexamples.txt');
});
