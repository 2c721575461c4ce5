import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../../support/cli.js';

const READ_CSV = `
import csv, json, sys
with open(sys.argv[1], encoding='utf-8-sig', newline='') as file:
    json.dump(list(csv.reader(file, strict=True)), sys.stdout)`;

/** What is in a zip, read by other programs than the one that wrote it. */
export interface OpenedExport {
  readonly folder: string;
  /** Paths as in the zip, sorted. */
  readonly paths: readonly string[];
  text(path: string): string;
  /** Objects of a JSON Lines file. */
  objects(path: string): Record<string, unknown>[];
  /** Cells of a CSV file, the header first. */
  cells(path: string): string[][];
  /** The output of `sha256sum -c`, which throws when a file differs. */
  checkSums(): string;
}

export const openExport = (zip: string, folder: string): OpenedExport => {
  execFileSync('unzip', ['-q', zip, '-d', folder]);
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  return {
    folder,
    paths: filesBelow(folder)
      .map((path) => path.slice(folder.length + 1))
      .sort(),
    text,
    objects: (path) =>
      text(path)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    cells: (path) =>
      JSON.parse(
        execFileSync('python3', ['-c', READ_CSV, join(folder, path)], {
          encoding: 'utf8',
          maxBuffer: 64_000_000,
        }),
      ) as string[][],
    checkSums: () => execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' }),
  };
};
