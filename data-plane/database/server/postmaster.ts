import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRunning } from '../../files/is-running.js';
import { serverAccount } from './account.js';
import { embeddedBinaries } from './binaries.js';
import { reachableBinaries } from './reachable-binaries.js';
import { runTool } from './run-tool.js';

/** Port of a server that takes connections: line 4 of postmaster.pid is the port, line 8 says `ready`. */
export const runningPort = (dataDir: string): number | undefined => {
  if (postmasterPid(dataDir) === undefined) return undefined;
  const lines = pidFileLines(dataDir);
  return lines[7]?.trim() === 'ready' ? Number(lines[3]) : undefined;
};

/** Process of a server in any state: line 1 of postmaster.pid. */
export const postmasterPid = (dataDir: string): number | undefined => {
  const pid = Number(pidFileLines(dataDir)[0]);
  return Number.isInteger(pid) && isPostmaster(pid, dataDir) ? pid : undefined;
};

/** Stops a server and waits for it. `fast` is orderly; `immediate` is for one whose data is thrown away. */
export const endServer = (dataDir: string, mode: 'fast' | 'immediate'): void => {
  const account = serverAccount();
  const binaries = reachableBinaries(embeddedBinaries(), account);
  runTool(binaries.pgCtl, ['stop', '-D', dataDir, '-m', mode, '-w'], account);
};

/** Lines of postmaster.pid as in postgres, src/include/utils/pidfile.h; none where no server runs. */
export const pidFileLines = (dataDir: string): string[] => {
  const pidFile = join(dataDir, 'postmaster.pid');
  return existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
};

/** A process number may belong to another program after a reboot, another cell's server too. */
const isPostmaster = (pid: number, dataDir: string): boolean => {
  if (!isRunning(pid)) return false;
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync(commandLine)) return true;
  const [program = '', ...args] = readFileSync(commandLine, 'utf8').split('\0');
  return basename(program) === 'postgres' && args.includes(dataDir);
};
