import { replaceFile } from '../../core/files/whole-file.js';
import { reportPage } from '../../isolation/report/report-page.js';
import type { CellIsolation } from './test-isolation.js';

/** Writes what attacks on cells found, for people, as one page of HTML. @param file its path; one that is there is replaced. */
export const writeReport = (file: string, results: readonly CellIsolation[]): void =>
  replaceFile(file, reportPage(results));
