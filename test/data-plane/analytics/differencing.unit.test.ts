import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, cellsOf, type Fact, shownCells } from '../../../data-plane/analytics/cells.js';
import { CUBES } from '../../../data-plane/analytics/cubes.js';
import { together } from '../../../data-plane/analytics/group.js';
import { mayShow } from '../../../data-plane/analytics/may-show.js';
import { panelOf } from '../../../data-plane/analytics/panel.js';
import { attacker, covers, type Unknown } from './attacker.js';

const BANDS = ['a', 'b', 'c', 'd'];

/** Small clinics and large ones, with gaps: by vertical, by tenant, by band a patient count and a value for each. */
const population = fc.array(
  fc.array(
    fc.array(
      fc.record({
        patients: fc.constantFrom(0, 1, 2, 3, 5, 8, 13, 13),
        each: fc.constantFrom(1, 1, 1, 2, 2, 3, 3, 40),
      }),
      { minLength: BANDS.length, maxLength: BANDS.length },
    ),
    { minLength: 4, maxLength: 12 },
  ),
  { minLength: 1, maxLength: 4 },
);

const sceneOf = (verticals: readonly (readonly { patients: number; each: number }[][])[]) => {
  const facts = verticals.flatMap((tenants, v) =>
    tenants.flatMap((bands, t) =>
      bands.flatMap(({ patients, each }, b): Fact[] =>
        patients === 0
          ? []
          : [
              {
                tenantId: `t${t}`,
                vertical: `v${v}`,
                band: BANDS[b] ?? '',
                patients,
                value: patients * each,
              },
            ],
      ),
    ),
  );
  const members = verticals.flatMap((tenants, v) =>
    tenants.map((_, t) => ({ vertical: `v${v}`, tenantId: `t${t}` })),
  );
  const panel = panelOf(members);
  const root = cellsOf(facts, panel, BANDS);
  const unknowns: Unknown[] = [...panel].flatMap(([vertical, tenants]) =>
    [...tenants].flatMap((tenantId) => BANDS.map((band) => ({ tenantId, vertical, band }))),
  );
  return { root, cells: everyCell(root), unknowns };
};

const everyCell = (cell: Cell): Cell[] => [cell, ...cell.parts.flatMap(everyCell)];

/** Which withheld sums and which values of one tenant an attacker with these colluding tenants can compute. */
const learned = (
  { cells, unknowns }: ReturnType<typeof sceneOf>,
  shown: readonly Cell[],
  colluding: ReadonlySet<string>,
): string[] => {
  const mind = attacker(unknowns, shown, colluding);
  const tenants = new Set(unknowns.map(({ tenantId }) => tenantId));
  return cells.flatMap((cell) => {
    const names = `${cell.vertical}/${cell.band}`;
    const ofTenants = [...tenants]
      .filter((tenantId) =>
        mind.determines((unknown) => unknown.tenantId === tenantId && covers(cell, unknown)),
      )
      .map((tenantId) => `${tenantId} in ${names}`);
    const withheld =
      colluding.size === 0 && !shown.includes(cell) && mind.determines((unknown) => covers(cell, unknown));
    return withheld ? [names, ...ofTenants] : ofTenants;
  });
};

/** What an attacker can compute: each shown cell without its shown parts. */
const leftOf = (shown: readonly Cell[]) =>
  shown.map((cell) => together(cell.parts.filter((part) => !shown.includes(part)).map(({ group }) => group)));

describe('Differencing (docs/threats.md 36)', () => {
  it('computes no withheld cell and no value of one tenant, alone or with three tenants that collude', () => {
    const counts = { populations: 0, cells: 0, shown: 0, attacks: 0 };
    fc.assert(
      fc.property(population, fc.nat(), (verticals, choice) => {
        const scene = sceneOf(verticals);
        const shown = shownCells(scene.root);
        const tenants = [...new Set(scene.unknowns.map(({ tenantId }) => tenantId))];
        const three = [0, 1, 2].map((step) => tenants[(choice + step * (1 + (choice % 3))) % tenants.length]);
        for (const coalition of [[], [tenants[0]], three]) {
          const colluding = new Set(coalition.filter((tenantId) => tenantId !== undefined));
          expect(learned(scene, shown, colluding)).toEqual([]);
          counts.attacks += 1;
        }
        counts.populations += 1;
        counts.cells += scene.cells.length;
        counts.shown += shown.length;
      }),
      { numRuns: 1_000 },
    );
    expect(counts.shown).toBeGreaterThan(0);
    console.log(
      `${counts.attacks} attacks on ${counts.populations} populations, ${counts.shown} of ${counts.cells} cells shown: 0 computed`,
    );
  });

  it('comes within 20 % of no tenant, whichever three collude', () => {
    let sums = 0;
    fc.assert(
      fc.property(population, (verticals) => {
        for (const group of leftOf(shownCells(sceneOf(verticals).root))) {
          const shares = [...group.values()];
          for (const [target, { value }] of shares.entries()) {
            const others = shares.filter((_, at) => at !== target).map((share) => share.value);
            for (const three of triples(others.length)) {
              const hiding = others
                .filter((_, at) => !three.includes(at))
                .reduce((sum, other) => sum + other, 0);
              if (hiding < 0.2 * value) expect.fail(`${value} is known to ${hiding}`);
            }
          }
          sums += shares.length > 0 ? 1 : 0;
        }
      }),
      { numRuns: 500 },
    );
    console.log(`${sums} sums that an attacker can compute: every tenant in them hides behind 20 %`);
  });

  it('works where cells are withheld for their size only: the attack can succeed', () => {
    let computed = 0;
    fc.assert(
      fc.property(population, (verticals) => {
        const scene = sceneOf(verticals);
        const largeEnough = scene.cells.filter(({ group }) => mayShow(group));
        computed += learned(scene, largeEnough, new Set()).length;
      }),
      { numRuns: 500 },
    );
    console.log(`without complementary suppression: ${computed} withheld figures computed`);
    expect(computed).toBeGreaterThan(0);
  });

  it('has no two cubes to subtract from one another: each measure is in one', () => {
    expect(new Set(CUBES.map(({ events }) => events)).size).toBe(CUBES.length);
    expect(new Set(CUBES.map(({ name }) => name)).size).toBe(CUBES.length);
  });
});

const triples = (count: number): number[][] => {
  const all: number[][] = [];
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++) for (let c = b + 1; c < count; c++) all.push([a, b, c]);
  return all.length > 0 ? all : [[...Array(count).keys()]];
};
