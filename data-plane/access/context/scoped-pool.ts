import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import type { ScopedClient } from './scoped-client.js';

/** A pool of the one connection that a run has, for libraries that take a pool of `pg`. */
export class ScopedPool extends pg.Pool {
  readonly #client: ScopedClient;

  constructor(client: ScopedClient) {
    super();
    this.#client = client;
    this.connect = this.connect.bind(this);
    // The overloads with callbacks are not served; see usage().
    this.query = ((...given: unknown[]) => {
      if (given.some((argument) => typeof argument === 'function')) throw usage();
      return client.query(given[0] as string, given[1] as unknown[] | undefined);
    }) as pg.Pool['query'];
  }

  override connect(callback?: unknown): Promise<pg.PoolClient> {
    if (callback !== undefined) throw usage();
    return Promise.resolve(this.#client.checkOut() as unknown as pg.PoolClient);
  }

  /** The run ends the connection; a library that ends "its" pool changes nothing. */
  override async end(): Promise<void> {}
}

const usage = (): RingfenceError =>
  new RingfenceError('usage', 'the connection of a run takes no callbacks', { fix: 'use its promises' });
