import { ALL, type Cell } from '../../../data-plane/analytics/cells.js';

/** An unknown of the attacker: what one tenant adds to one leaf. */
export interface Unknown {
  readonly tenantId: string;
  readonly vertical: string;
  readonly band: string;
}

/** What an attacker knows: the unknowns that exist, and the sums over them that were published. */
export interface Attacker {
  /** Whether the sum over the chosen unknowns follows from what is known. */
  determines(chosen: (unknown: Unknown) => boolean): boolean;
}

type Place = Pick<Cell, 'vertical' | 'band'>;

/** Cells are 0/1 rows over a tree, which is totally unimodular: its rank is the same in a field as in the rationals. */
const PRIME = 1_000_003;

/** @param colluding tenants whose own values are known. */
export const attacker = (
  unknowns: readonly Unknown[],
  published: readonly Place[],
  colluding: ReadonlySet<string>,
): Attacker => {
  const open = unknowns.filter(({ tenantId }) => !colluding.has(tenantId));
  const basis: { readonly pivot: number; readonly row: number[] }[] = [];
  /** What of the row does not follow from the basis. */
  const rest = (row: readonly number[]): number[] =>
    basis.reduce((left, { pivot, row: known }) => {
      const factor = left[pivot] ?? 0;
      return factor === 0 ? left : left.map((value, at) => modulo(value - factor * (known[at] ?? 0)));
    }, row.slice());
  for (const place of published) {
    const row = rest(open.map((unknown) => (covers(place, unknown) ? 1 : 0)));
    const pivot = row.findIndex((value) => value !== 0);
    if (pivot < 0) continue;
    const scale = inverse(row[pivot] ?? 1);
    basis.push({ pivot, row: row.map((value) => modulo(value * scale)) });
  }
  return {
    determines: (chosen) => {
      const wanted = open.map((unknown) => (chosen(unknown) ? 1 : 0));
      return wanted.some((value) => value === 1) && rest(wanted).every((value) => value === 0);
    },
  };
};

export const covers = (place: Place, { vertical, band }: Pick<Unknown, 'vertical' | 'band'>): boolean =>
  (place.vertical === ALL || place.vertical === vertical) && (place.band === ALL || place.band === band);

const modulo = (value: number): number => ((value % PRIME) + PRIME) % PRIME;

/** By Fermat's little theorem. */
const inverse = (value: number): number => {
  let result = 1;
  let base = modulo(value);
  for (let power = PRIME - 2; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) result = modulo(result * base);
    base = modulo(base * base);
  }
  return result;
};
