import pg from 'pg';

/** The part of `pg`'s connection that speaks the extended protocol, as of the version that is pinned. */
interface ProtocolConnection {
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  bind(message: { portal: string; statement: string; values: readonly Buffer[] }): void;
  sync(): void;
}

const Query = pg.Query as unknown as new (
  config: pg.QueryConfig,
  callback: (error: Error | null) => void,
) => { prepare(connection: ProtocolConnection): void };

/** A statement that is parsed and bound by messages of the protocol, for SQL to execute it or fetch from it. */
class Unexecuted extends Query {
  readonly #statement: { readonly name: string; readonly text: string };

  constructor(
    statement: { readonly name: string; readonly text: string },
    done: (error: Error | null) => void,
  ) {
    super({ ...statement, queryMode: 'extended' } as pg.QueryConfig, done);
    this.#statement = statement;
  }

  override prepare(connection: ProtocolConnection): void {
    const { name, text } = this.#statement;
    connection.parse({ name, text, types: [] });
    connection.bind({ portal: name, statement: name, values: [] });
    connection.sync();
  }
}

/** Leaves a prepared statement and, until the transaction ends, a portal of the same name. */
export const leaveUnexecuted = (client: pg.Client, name: string, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error ? reject(error) : resolve());
    client.query(new Unexecuted({ name, text }, done) as unknown as pg.Submittable);
  });
