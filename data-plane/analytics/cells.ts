import { type Group, patientTotal, type Share, together } from './group.js';
import { mayShow } from './may-show.js';

/** Stands for a total in place of a vertical or band. */
export const ALL = 'all';

/** A cell of a cube with the cells that it is the sum of; a leaf has no parts. */
export interface Cell {
  readonly vertical: string;
  readonly band: string;
  readonly group: Group;
  readonly parts: readonly Cell[];
}

/** The share of one tenant in one leaf. */
export interface Fact extends Share {
  readonly tenantId: string;
  readonly vertical: string;
  readonly band: string;
}

/** The tree of a cube over the tenants of the panel: all verticals, each of them, each band of each. */
export const cellsOf = (
  facts: readonly Fact[],
  panel: ReadonlyMap<string, ReadonlySet<string>>,
  bands: readonly string[],
): Cell => {
  const verticals = [...panel].map(([vertical, tenants]) => {
    const counted = facts.filter((fact) => fact.vertical === vertical && tenants.has(fact.tenantId));
    const leaf = (band: string): Cell => {
      const ofBand = counted.filter((fact) => fact.band === band);
      return { vertical, band, group: together(ofBand.map(groupOf)), parts: [] };
    };
    return sumOf(vertical, bands.map(leaf));
  });
  return sumOf(ALL, verticals);
};

/**
 * The cells that may be shown. A reader can compute the shown cells and, for each of them, what is left of it without
 * its shown parts; each of those sums passes `mayShow`, so further parts are withheld until what is left does. Parts
 * of a withheld cell are withheld, so nothing finer can be computed.
 */
export const shownCells = (cell: Cell): Cell[] => (mayShow(cell.group) ? shownBelow(cell) : []);

const shownBelow = (cell: Cell): Cell[] => {
  const smallestFirst = [...cell.parts].sort((a, b) => patientTotal(a.group) - patientTotal(b.group));
  const shown = smallestFirst.filter((part) => mayShow(part.group));
  const left = smallestFirst.filter((part) => !mayShow(part.group)).map((part) => part.group);
  while (left.length > 0 && !mayShow(together(left))) {
    const next = shown.shift();
    // Without any part shown, what is left is the cell itself.
    if (next === undefined) break;
    left.push(next.group);
  }
  return [cell, ...shown.flatMap(shownBelow)];
};

const sumOf = (vertical: string, parts: readonly Cell[]): Cell => ({
  vertical,
  band: ALL,
  group: together(parts.map((part) => part.group)),
  parts,
});

const groupOf = ({ tenantId, patients, value }: Fact): Group => new Map([[tenantId, { patients, value }]]);
