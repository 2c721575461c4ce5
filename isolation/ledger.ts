/** Something of another tenant that was reached. */
export interface Leak {
  /** `schema.table`, or the function, role or setting that let the attempt through. */
  readonly table: string;
  /** The attempt, such as `read of another clinic's rows`. */
  readonly attempt: string;
  /** The event; never a value of a row. */
  readonly detail: string;
}

/** Counts the attempts of a probe and keeps its findings. */
export class Ledger {
  checks = 0;
  readonly leaks: Leak[] = [];
  readonly unproven: Leak[] = [];

  /** Books an attempt that a sound cell answers with no row. */
  bookRows(table: string, attempt: string, rows: number): void {
    this.checks += 1;
    if (rows > 0) this.leaks.push({ table, attempt, detail: `${rows} row${rows === 1 ? '' : 's'} reached` });
  }

  /**
   * Books an attempt by its SQLSTATE; undefined when it was let through. Only 42501 is a refusal. Postgres applies
   * policies to a row before its constraints, so a violated constraint (class 23) means that the policy let it pass.
   */
  bookRefusal(table: string, attempt: string, sqlstate: string | undefined): void {
    this.checks += 1;
    if (sqlstate === '42501') return;
    if (sqlstate === undefined) this.leaks.push({ table, attempt, detail: 'not refused' });
    else if (sqlstate.startsWith('23'))
      this.leaks.push({ table, attempt, detail: `stopped by a constraint only (SQLSTATE ${sqlstate})` });
    else this.unproven.push({ table, attempt, detail: `ended with SQLSTATE ${sqlstate}` });
  }
}
