import { replaceFile } from '../../core/files/whole-file.js';
import { reportPage } from '../../isolation/report/report-page.js';
import type { CellIsolation } from './test-isolation.js';

/** Writes the results of attacks on cells as one page of HTML, for people. @param file its path; an existing file is replaced. */
export const writeReport = (file: string, results: readonly CellIsolation[]): void =>
  replaceFile(file, reportPage(results));
