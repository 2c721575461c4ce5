import type pg from 'pg';
import type { CanaryTable } from '../../suite/canary-tables.js';
import type { Attacker, Heard } from '../attacker.js';
import { leak } from '../deviation.js';
import type { Ground, StaffedClinic } from '../ground.js';
import { compareRows, type Model, type Rows } from '../model.js';

/** The sequence that is played. */
export interface Game {
  readonly ground: Ground;
  readonly admin: pg.Client;
  /** The committed rows. */
  readonly model: Model;
  readonly attackers: readonly Attacker[];
  /** Tables with committed changes. */
  readonly written: Set<string>;
  /** The number of steps that saw the rows that they should see. Without such steps a run proves nothing. */
  proved: number;
  /** The SQL that cleans a connection. */
  readonly clean: string;
}

/** One step of it. */
export interface Move {
  readonly game: Game;
  readonly attacker: Attacker;
  readonly clinic: StaffedClinic;
  /** The clinic under attack: the chosen one, or another one where the chosen one was entered. */
  readonly victim: StaffedClinic;
  readonly table: CanaryTable;
  readonly form: number;
  /** Runs SQL of the application, in a savepoint where the step is a careful one. */
  readonly run: (sql: string) => Promise<Heard>;
}

export const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

/** The rows that this connection must see now. */
export const visible = ({ game, attacker: { transaction } }: Move, table: CanaryTable): Rows =>
  transaction?.clinic && transaction.entered
    ? game.model.seenBy(transaction.changes, transaction.clinic.clinicId, table.title)
    : { keys: new Set(), unnamed: 0 };

/** Rows of a clinic's id and a key: of the clinic that was entered, and all of them. */
export const verifyRows = (move: Move, { rows, sqlstate }: Heard, what: string): void => {
  if (sqlstate !== undefined) return;
  const { transaction } = move.attacker;
  const own = transaction?.entered ? transaction.clinic?.clinicId : undefined;
  if (rows.some(([clinicId]) => clinicId !== own))
    throw leak(`${what} of ${move.table.title} shows another clinic`);
  compareRows(
    move.table.title,
    rows.map(([, key]) => key ?? ''),
    visible(move, move.table),
    transaction?.byUser !== true,
  );
  if (rows.length > 0) move.game.proved += 1;
};
