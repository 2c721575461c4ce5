import { serverAccount } from './account.js';
import { embeddedBinaries } from './binaries.js';
import { reachableBinaries } from './reachable-binaries.js';
import type { ServerRecord } from './record.js';
import { runTool } from './run-tool.js';

/**
 * Gives the superuser of a stopped server the password of the record, which may be newer than the data: Postgres' single-user
 * mode asks for none.
 */
export const putSuperuserPassword = (
  dataDir: string,
  { superuser, password }: Pick<ServerRecord, 'superuser' | 'password'>,
): void => {
  const account = serverAccount();
  const { postgres } = reachableBinaries(embeddedBinaries(), account);
  const input = `ALTER ROLE "${superuser}" PASSWORD '${password}'\n`;
  runTool(postgres, ['--single', '-D', dataDir, '-c', 'archive_command=', 'postgres'], account, input);
};
