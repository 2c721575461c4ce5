import { expect, inject } from 'vitest';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { postgresqlStandIn } from '../../../../stacks/protocol/postgresql-stand-in/provider.js';
import type { Properties, ServedResource } from '../../../../stacks/protocol/provider/resource.js';

/** Runs statements as the superuser of the test server. @returns the rows of the last one. */
export const sql = async (...statements: string[]): Promise<Properties[]> => {
  let rows: Properties[] = [];
  await withConnection({ ...inject('postgres'), database: 'postgres' }, async (client) => {
    for (const statement of statements) rows = (await client.query(statement)).rows;
  });
  return rows;
};

/** The stand-in, configured for the test server as a program configures it. */
export const standIn = (): { resource(type: string): ServedResource } => {
  const provider = postgresqlStandIn(undefined);
  const { host, port, user, password } = inject('postgres');
  provider.configure?.({ host, port: String(port), username: user, password, database: 'postgres' });
  return {
    resource: (type) => {
      const found = provider.resources[`postgresql:index/${type.toLowerCase()}:${type}`];
      if (!found) throw new Error(`no resource ${type}`);
      return found;
    },
  };
};

/** One resource of a stack, driven as the engine drives it. */
export const stackResource = async (resource: ServedResource, declared: Properties) => {
  const checked = resource.check(declared);
  expect(checked.failures).toEqual([]);
  const { inputs } = checked;
  let state = await resource.create(inputs);
  let known = inputs;
  return {
    state: () => state,
    /** What looking at the real thing changes in the state; undefined when it is gone. */
    refresh: async (): Promise<Properties | undefined> => {
      const found = await resource.read(state, known);
      if (!found) return undefined;
      const before = state;
      ({ outputs: state, inputs: known } = found);
      return Object.fromEntries(
        Object.entries(state).filter(([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value)),
      );
    },
    /** Deploys what is declared. @returns what that changed. */
    up: async (now: Properties = declared): Promise<string[]> => {
      const after = resource.check(now).inputs;
      const { changed, replaces } = resource.diff(state, after);
      expect(replaces).toEqual([]);
      if (changed.length > 0) state = await resource.update(after, state);
      return changed.sort();
    },
    remove: () => resource.remove(state),
  };
};
