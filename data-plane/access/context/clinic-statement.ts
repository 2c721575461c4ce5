import pg from 'pg';

/** The part of `pg`'s connection that speaks the extended protocol, as of the version that is pinned. */
interface ProtocolConnection {
  bind(message: { portal: string; statement: string; values: readonly Buffer[] }): void;
  execute(message: { portal: string; rows: number }): void;
}

/** The part of `pg`'s query that its connection calls. */
interface ProtocolQuery {
  prepare(connection: ProtocolConnection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: ProtocolConnection): void;
}

const Query = pg.Query as unknown as new (
  config: pg.QueryConfig,
  callback: (error: Error | null, result: pg.QueryResult) => void,
) => ProtocolQuery;

/**
 * One statement in a clinic's context as one message of the protocol with one Sync: Postgres makes one transaction of
 * what stands before a Sync, so entering holds for the statement, both are saved together, and when either is refused
 * nothing is. Its result is the statement's.
 */
export class ClinicStatement extends Query {
  readonly #enterName: string;
  readonly #token: Buffer;
  #hasEntered = false;

  /** @param enter.name a statement that is prepared on the connection and takes a context token. */
  constructor(
    enter: { readonly name: string; readonly token: Buffer },
    statement: pg.QueryConfig,
    done: (error: Error | null, result: pg.QueryResult) => void,
  ) {
    super({ ...statement, queryMode: 'extended' } as pg.QueryConfig, done);
    this.#enterName = enter.name;
    this.#token = enter.token;
  }

  override prepare(connection: ProtocolConnection): void {
    connection.bind({ portal: '', statement: this.#enterName, values: [this.#token] });
    connection.execute({ portal: '', rows: 0 });
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#hasEntered) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: ProtocolConnection): void {
    if (this.#hasEntered) super.handleCommandComplete(message, connection);
    this.#hasEntered = true;
  }
}
