import type { CellHost } from '../../../targets/target.js';
import type { StackRun } from './stack-run.js';

/** The program that removes a stack. The state has the resources, so the program only says how to reach the server now. */
export const removalProgram = async (
  server: CellHost,
  database: string,
): Promise<Pick<StackRun, 'program' | 'admin' | 'ownProviders'>> => {
  const declared = await server.declared();
  const admin = await server.login();
  if (declared.kind === 'local') return { admin, program: async () => ({}) };
  const { host, port } = declared;
  return {
    admin,
    ownProviders: true,
    program: async () => {
      const { serverProvider } = await import('../../../stacks/server-provider.js');
      serverProvider({ host, port, database }, admin);
      return {};
    },
  };
};
