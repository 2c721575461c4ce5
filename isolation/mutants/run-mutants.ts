import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ContextKey } from '../../data-plane/access/context-token.js';
import { setApplicationLogins } from '../../data-plane/database/application-logins.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { installContextKey } from '../../data-plane/database/context-key.js';
import { migrate } from '../../data-plane/database/migrate.js';
import { installPermissions } from '../../data-plane/database/permissions.js';
import { createRoles } from '../../data-plane/database/roles.js';
import { runSuite } from '../suite/run-suite.js';
import { CONTEXT_MUTANTS } from './context.js';
import { DURABLE_MUTANTS } from './durable.js';
import { FENCE_MUTANTS } from './fences.js';
import { GRANT_MUTANTS } from './grants.js';
import type { Mutant } from './mutant.js';
import { OBJECT_MUTANTS } from './objects.js';
import { POLICY_MUTANTS } from './policies.js';
import { RULE_MUTANTS } from './rules.js';

export const MUTANTS: readonly Mutant[] = [
  ...POLICY_MUTANTS,
  ...CONTEXT_MUTANTS,
  ...FENCE_MUTANTS,
  ...GRANT_MUTANTS,
  ...OBJECT_MUTANTS,
  ...RULE_MUTANTS,
  ...DURABLE_MUTANTS,
];

/** The suite's verdict on a cell with one defence less. */
export interface MutantResult {
  readonly id: string;
  readonly removes: string;
  readonly isolation: readonly number[];
  /** Cases that leaked here; none in a sound cell. */
  readonly attacks: readonly string[];
  /** Rules of the schema lint that were broken here; none in a sound cell. */
  readonly lintRules: readonly string[];
  readonly caught: boolean;
}

const CATALOGUE_CASE = /^side-door\/catalogue\//;

/**
 * Takes one defence at a time from a scratch cell and runs the attack suite on it. `server` is a Postgres of its own
 * that is thrown away afterwards: mutants change roles of the whole server.
 */
export const runMutants = async (
  server: Omit<Connection, 'database'>,
  options: {
    readonly only?: readonly string[];
    readonly now: () => Date;
    readonly onResult?: (result: MutantResult) => void;
  },
): Promise<MutantResult[]> => {
  const scratch = await prepareScratch(server);
  const results: MutantResult[] = [];
  for (const mutant of MUTANTS.filter(({ id }) => options.only?.includes(id) ?? true)) {
    const result = await tryMutant(scratch, mutant, options.now);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
};

interface Scratch {
  readonly maintenance: Connection;
  readonly appPassword: string;
  readonly contextKey: ContextKey;
}

const TEMPLATE = 'mutant_template';

const prepareScratch = async (server: Omit<Connection, 'database'>): Promise<Scratch> => {
  const maintenance = { ...server, database: 'postgres' };
  const appPassword = randomUUID();
  const contextKey = { keyId: 1, secret: Buffer.from(randomUUID().replaceAll('-', ''), 'utf8') };
  await withConnection(maintenance, async (client) => {
    await createRoles(client);
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  });
  await withConnection({ ...server, database: TEMPLATE }, async (client) => {
    await migrate(client, 'cell');
    await installContextKey(client, contextKey);
    await installPermissions(client);
    await setApplicationLogins(client, { appPassword, keeperPassword: randomUUID() });
  });
  return { maintenance, appPassword, contextKey };
};

const tryMutant = (scratch: Scratch, mutant: Mutant, now: () => Date): Promise<MutantResult> =>
  withClone(scratch, async (admin) => {
    try {
      await withConnection(admin, (client) => client.query(mutant.sql));
      const report = await runSuite(
        {
          admin,
          app: { ...admin, user: 'ringfence_app', password: scratch.appPassword },
          contextKey: scratch.contextKey,
          now,
        },
        { scenarios: mutant.scenarios },
      );
      const leaked = report.cases.filter(({ verdict }) => verdict === 'leaked').map(({ id }) => id);
      const attacks = leaked.filter((id) => !CATALOGUE_CASE.test(id));
      const lintRules = [...new Set(report.lint.map(({ rule }) => rule))];
      const caught = mutant.caughtBy === 'attack' ? attacks.length > 0 : lintRules.length > 0;
      const { id, removes, isolation } = mutant;
      return { id, removes, isolation, attacks, lintRules, caught };
    } finally {
      if (mutant.undo) await withConnection(scratch.maintenance, (client) => client.query(mutant.undo ?? ''));
    }
  });

const withClone = async <T>(scratch: Scratch, work: (admin: Connection) => Promise<T>): Promise<T> => {
  const name = `mutant_${randomUUID().replaceAll('-', '')}`;
  const maintain = (statement: (client: pg.Client) => string) =>
    withConnection(scratch.maintenance, (client) => client.query(statement(client)));
  await maintain(
    (client) => `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${TEMPLATE} STRATEGY WAL_LOG`,
  );
  try {
    const admin = { ...scratch.maintenance, database: name };
    await withConnection(admin, async (client) => {
      await client.query(`REVOKE ALL ON DATABASE ${client.escapeIdentifier(name)} FROM PUBLIC`);
      await client.query(
        `GRANT CONNECT ON DATABASE ${client.escapeIdentifier(name)} TO ringfence_app, ringfence_keeper, ringfence_tenant`,
      );
    });
    return await work(admin);
  } finally {
    await maintain((client) => `DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`);
  }
};
