import type pg from 'pg';
import { to } from 'pg-copy-streams';
import { requestCancel } from '../../data-plane/access/cells/cancel-request.js';
import { signContextToken } from '../../data-plane/access/context-token.js';
import { Client } from '../../data-plane/database/client.js';
import { backendPid } from '../suite/stage.js';
import type { SuiteTarget } from '../suite/target.js';
import { showsForeign } from './canary-scan.js';
import { leak } from './deviation.js';
import type { StaffedClinic } from './ground.js';
import type { Change } from './model.js';

/** The model of a transaction: its clinic and its writes, which Postgres does not tell. */
export interface ModelTransaction {
  /** The clinics whose rows it may show. RESET ALL takes the context away before the transaction's end. */
  clinic: StaffedClinic | undefined;
  entered: boolean;
  /** A user's role may show less than the clinic has. */
  byUser: boolean;
  changes: Change[];
  savepoints: Array<{
    clinic: StaffedClinic | undefined;
    entered: boolean;
    byUser: boolean;
    changes: number;
  }>;
}

export const openTransaction = (): ModelTransaction => ({
  clinic: undefined,
  entered: false,
  byUser: false,
  changes: [],
  savepoints: [],
});

export interface Heard {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly affected: number;
  readonly command: string;
  /** Of the error that ended the statement. */
  readonly sqlstate: string | undefined;
}

/** Of every connection, in milliseconds, from its start: what RESET ALL goes back to. */
const LIMITS = { lock_timeout: 5, statement_timeout: 15_000 };
const NONE: ReadonlySet<string> = new Set();
const AS_TEXT = { getTypeParser: () => (value: string) => value };

/** One connection of the application's login, and the model's knowledge of it. */
export class Attacker {
  readonly #target: SuiteTarget;
  #client: pg.Client | undefined;
  #notices: string[] = [];
  transaction: ModelTransaction | undefined;
  /** Says whether the session still has rows of an ended transaction: a cursor WITH HOLD. */
  holdsRows = false;
  used = false;
  readonly prepared = new Set<number>();
  statements = 0;

  constructor(target: SuiteTarget) {
    this.#target = target;
  }

  async client(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new Client({
      ...this.#target.app,
      ...LIMITS,
      application_name: 'ringfence generated',
      types: AS_TEXT as pg.CustomTypesConfig,
    });
    const forget = (): void => {
      if (this.#client === client) this.#client = undefined;
      this.forgetSession();
    };
    client.on('error', forget);
    client.on('end', forget);
    client.on('notice', (notice) => this.#notices.push(textOf(notice)));
    await client.connect();
    this.#client = client;
    return client;
  }

  /** `I` outside of a transaction, `T` in one, `E` in one that has failed. */
  get status(): 'I' | 'T' | 'E' {
    return (this.#client?.getTransactionStatus() ?? 'I') as 'I' | 'T' | 'E';
  }

  get #own(): ReadonlySet<string> {
    return this.transaction?.clinic?.canaries ?? NONE;
  }

  /** Runs SQL so that its failure does not fail the transaction. @throws as `run`. */
  async runInSavepoint(sql: string): Promise<Heard> {
    if (this.status !== 'T') return this.run(sql);
    const heard = await this.run(`SAVEPOINT generated_guard; ${sql}`);
    if (heard.sqlstate !== undefined && this.transaction)
      await this.run('ROLLBACK TO SAVEPOINT generated_guard');
    return heard;
  }

  /** Runs SQL and searches every answer for canaries of other clinics. @throws Deviation `leak`. */
  async run(sql: string): Promise<Heard> {
    const client = await this.client();
    this.used = true;
    this.statements += 1;
    this.#notices = [];
    let heard: Heard;
    let text = '';
    try {
      const given = await client.query({ text: sql, rowMode: 'array' });
      const results = (Array.isArray(given) ? given : [given]) as pg.QueryArrayResult<(string | null)[]>[];
      const last = results.at(-1);
      heard = {
        rows: last?.rows ?? [],
        affected: last?.rowCount ?? 0,
        command: last?.command ?? '',
        sqlstate: undefined,
      };
      for (const { rows } of results) for (const row of rows) text += `${row.join('\t')}\n`;
    } catch (error) {
      const { code } = error as { code?: string };
      heard = { rows: [], affected: 0, command: '', sqlstate: code ?? 'lost' };
      text = textOf(error);
      // The error comes before the state of the transaction.
      await this.#client?.query('').catch(() => undefined);
    }
    if (showsForeign(text + this.#notices.join('\n'), this.#own))
      throw leak(
        heard.sqlstate === undefined
          ? 'rows of another clinic came back'
          : 'an error or notice shows another clinic',
      );
    if (this.status === 'I') this.transaction = undefined;
    else this.transaction ??= openTransaction();
    return heard;
  }

  /** SQL of a token for this connection, sound but for the changes. */
  async token(
    { tenantId, clinicId }: StaffedClinic,
    userId: string | undefined,
    changes: { readonly pid?: number; readonly tenantId?: string; readonly agedMs?: number } = {},
  ): Promise<string> {
    const subject = { tenantId: changes.tenantId ?? tenantId, clinicId };
    const token = signContextToken(userId === undefined ? subject : { ...subject, userId }, {
      key: this.#target.contextKey,
      backendPid: changes.pid ?? (await this.pid()),
      now: new Date(this.#target.now().getTime() - (changes.agedMs ?? 0)),
    });
    return `'\\x${token.toString('hex')}'`;
  }

  /** Runs a query as COPY does; rows come back as text. */
  async copyOut(query: string): Promise<Heard> {
    const client = await this.client();
    this.used = true;
    let text = '';
    let sqlstate: string | undefined;
    try {
      for await (const chunk of client.query(to(`COPY (${query}) TO STDOUT`))) text += String(chunk);
    } catch (error) {
      sqlstate = (error as { code?: string }).code ?? 'lost';
      text += textOf(error);
    }
    if (showsForeign(text, this.#own)) throw leak('COPY shows another clinic');
    // Its stream ends before the connection is ready.
    await this.run('');
    const rows = sqlstate === undefined ? text.split('\n').slice(0, -1) : [];
    return { rows: rows.map((row) => row.split('\t')), affected: 0, command: 'COPY', sqlstate };
  }

  /** Ends the connection from outside. */
  async lost(kill: () => Promise<unknown>): Promise<void> {
    const client = await this.client();
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await kill();
    await ended;
    this.forgetSession();
  }

  /** Begins to sleep and cancels this with the protocol's own message, as a client that went away. */
  async cancelled(): Promise<void> {
    const client = await this.client();
    let over = false;
    const sleeping = this.run('SELECT pg_sleep(5)').finally(() => {
      over = true;
    });
    while (!over) {
      await requestCancel(client);
      await Promise.race([sleeping, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    await sleeping;
  }

  async pid(): Promise<number> {
    return backendPid(await this.client());
  }

  /** Resets the connection as if it were new. Closes it when a late cancel strikes here. */
  async reset(): Promise<void> {
    const client = this.#client;
    if (client && this.used)
      await client
        .query('ROLLBACK')
        .then(() => client.query('DISCARD ALL'))
        .catch(() => this.end());
    this.used = false;
    this.forgetSession();
  }

  forgetSession(): void {
    this.transaction = undefined;
    this.holdsRows = false;
    this.prepared.clear();
  }

  async end(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
  }
}

const textOf = (message: unknown): string => {
  const { message: text, detail, hint, where, internalQuery } = message as pg.DatabaseError;
  return [text, detail, hint, where, internalQuery].join('\n');
};
