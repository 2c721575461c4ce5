import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/whole-file.js';
import type { ServerAccount } from '../database/server/account.js';
import { REPLICA } from './replication-login.js';

const FILE = 'replica.conf';
const INCLUDE = `include_if_exists = '${FILE}'`;

/**
 * What makes a copy of the data folder a standby, with paths from that folder. WAL that the primary does not have any more comes
 * out of the archive. It archives nothing itself while it stands beside its primary.
 */
const settings = (primaryPort: number): string => `
primary_conninfo = 'host=127.0.0.1 port=${primaryPort} user=${REPLICA} passfile=../passfile application_name=${REPLICA} sslmode=disable'
primary_slot_name = '${REPLICA}'
restore_command = 'test -f ../../archive/%f.gz && gzip -dc ../../archive/%f.gz > %p'
recovery_target_timeline = 'latest'
hot_standby = on
archive_command = ''
`;

/** @returns whether anything had to be written. */
export const writeStandbySettings = (
  dataDir: string,
  primaryPort: number,
  account: ServerAccount | undefined,
): boolean => {
  const path = join(dataDir, FILE);
  const wanted = settings(primaryPort);
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) return false;
  replaceFile(path, wanted, { mode: 0o600, owner: account });
  const main = join(dataDir, 'postgresql.conf');
  if (!readFileSync(main, 'utf8').includes(INCLUDE)) appendFileSync(main, `${INCLUDE}\n`);
  return true;
};

export const dropStandbySettings = (dataDir: string): void => rmSync(join(dataDir, FILE), { force: true });
