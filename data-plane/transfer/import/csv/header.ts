import type { FittedFile } from '../mapping/fit-mapping.js';

/** The first line of a file: where each mapped column is. */
export interface Header {
  readonly width: number;
  /** By the column's name in NFC. */
  readonly at: ReadonlyMap<string, number>;
  /** Columns without a name; a line that spreadsheets end with a separator has one. */
  readonly unnamed: readonly number[];
  /** Whether a row is this line again, as where several files were joined. */
  isRepeatedBy(cells: readonly string[]): boolean;
}

/** Undefined where a mapped column is missing or there twice, each of which is told. */
export const readHeader = (
  cells: readonly string[],
  { file, columns }: FittedFile,
  tell: (message: string) => void,
): Header | undefined => {
  const wanted = new Set([
    ...columns.flatMap(({ spec }) => [
      ...(spec.column === undefined ? [] : [spec.column]),
      ...(spec.id ?? []),
    ]),
    ...(file.clinic.column === undefined ? [] : [file.clinic.column]),
  ]);
  const names = cells.map(nameOf);
  let isWhole = true;
  for (const name of wanted) {
    const count = names.filter((cell) => cell === name).length;
    if (count === 1) continue;
    isWhole = false;
    tell(`the header has ${count === 0 ? 'no' : count} columns ${JSON.stringify(name)}`);
  }
  if (!isWhole) return undefined;
  return {
    width: names.length,
    at: new Map(names.map((name, at) => [name, at])),
    unnamed: names.flatMap((name, at) => (name === '' ? [at] : [])),
    isRepeatedBy: (row) => row.length === names.length && row.every((cell, at) => nameOf(cell) === names[at]),
  };
};

const nameOf = (cell: string): string => cell.trim().normalize('NFC');
