import { RingfenceError } from '../../core/errors.js';
import type { CaseResult, ScenarioName } from '../../isolation/suite/run-suite.js';
import {
  runSuite,
  type SuiteKeys,
  type SuiteReport,
  type SuiteTarget,
} from '../../isolation/suite/run-suite.js';
import { targetOf } from '../../targets/index.js';
import { cellAccess } from '../cells/cell-access.js';
import { isUp } from '../cells/cells-up.js';
import { type Cell, getCell, listCells } from '../cells/store.js';
import { removeErasureNotes } from '../control-backup/erasure-notes.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { erasureCases } from './erasure-cases.js';
import { controlPlaneCases, removeCanaryRecords } from './isolation-cases.js';
import { keyCases } from './key-cases.js';

/** What the attack suite found in one cell. */
export interface CellIsolation {
  readonly cell: string;
  readonly region: string;
  readonly report: SuiteReport;
}

export interface IsolationTest {
  /** Every running cell when left out. */
  readonly cell?: string;
  readonly scenarios?: readonly ScenarioName[];
  readonly seed?: number;
  readonly onCell?: (cell: string) => void;
  /** Told of each cell that cannot be attacked, because its administrator is no superuser. */
  readonly onSkipped?: (cell: string) => void;
  readonly onCase?: (result: CaseResult) => void;
}

/**
 * Attacks the running deployment, one cell after the other, through its real connections, keys and objects. A leak is data,
 * no error.
 * @throws RingfenceError `cell_not_found`, `database_unavailable` when no cell runs, `conflict` while another test runs in
 * the cell.
 */
export const testIsolation = async (runtime: Runtime, test: IsolationTest): Promise<CellIsolation[]> => {
  const results: CellIsolation[] = [];
  for (const cell of await cellsToTest(runtime, test.cell, test.onSkipped)) {
    test.onCell?.(cell.name);
    results.push({ cell: cell.name, region: cell.region, report: await testCell(runtime, cell, test) });
  }
  return results;
};

/**
 * The named cell, or every running cell whose administrator is a superuser.
 * @param onSkipped told of each other one.
 * @throws RingfenceError usage when none of them has one.
 */
export const cellsToTest = async (
  runtime: Runtime,
  name: string | undefined,
  onSkipped?: (cell: string) => void,
): Promise<Cell[]> => {
  const known =
    name === undefined ? await listCells(runtime.control) : [await getCell(runtime.control, name)];
  const cells: Cell[] = [];
  for (const cell of known) {
    if (targetOf(cell).hasSuperuser) cells.push(cell);
    else onSkipped?.(cell.name);
  }
  if (known.length > 0 && cells.length === 0) {
    const which = known.map((cell) => cell.name).join(', ');
    throw new RingfenceError('usage', `the suite needs a superuser, which there is none in ${which}`, {
      fix: 'see docs/isolation-testing.md, "On Amazon RDS": `tenants apply` and `schema lint` work there',
    });
  }
  if (name !== undefined) return cells;
  const running: Cell[] = [];
  for (const cell of cells) if (await isUp(runtime, cell)) running.push(cell);
  if (running.length > 0) return running;
  throw new RingfenceError(
    cells.length === 0 ? 'cell_not_found' : 'database_unavailable',
    cells.length === 0 ? 'there is no cell to test' : 'no cell is running',
    { fix: 'bring one up with `ringfence cells up`' },
  );
};

/** A cell with its real connections, keys and objects. */
export const suiteTarget = async (runtime: Runtime, cell: string): Promise<SuiteTarget> => {
  const { target, control } = runtime;
  const keys: SuiteKeys = {
    root: target.keyRoot,
    rootKeyId: await target.rootKeyId(cell),
    wrapped: wrappedKeys(control),
    tenantKeys: target.tenantKeys,
    objects: target.objects.at(target.objects.place, cell),
    forget: async (first, last) => {
      await removeErasureNotes(runtime, first, last);
      await removeCanaryRecords(control, first, last);
    },
  };
  return {
    ...(await cellAccess(runtime, cell)),
    keys,
    now: runtime.now,
  };
};

const testCell = async (runtime: Runtime, cell: Cell, test: IsolationTest): Promise<SuiteReport> =>
  runSuite(await suiteTarget(runtime, cell.name), {
    more: {
      'half-moved-clinic': controlPlaneCases(runtime),
      'ghost-tenant': erasureCases(runtime, cell.name),
      'wrong-key': keyCases(runtime, cell.name),
    },
    ...(test.scenarios ? { scenarios: test.scenarios } : {}),
    ...(test.seed === undefined ? {} : { seed: test.seed }),
    ...(test.onCase ? { onCase: test.onCase } : {}),
  });
