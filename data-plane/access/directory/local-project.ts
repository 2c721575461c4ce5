import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { authoritiesFile } from '../../database/authorities.js';
import { cellCredentials } from '../../database/cell-credentials.js';
import { CELL_DATABASE } from '../../database/cell-database.js';
import { type Connection, openPool } from '../../database/connect.js';
import { readOwnRecord } from '../../database/server/data-owner.js';
import {
  localServerAddress,
  localServerStatus,
  runningLocalServer,
} from '../../database/server/local-server.js';
import { CONTROL_LOSS, cellLoss, dataLost, type Loss } from '../../database/server/lost-data.js';
import { replicaDir } from '../../database/server/replica-place.js';
import { awsKmsRegions } from '../../keys/aws-kms-regions.js';
import { customerHeldRoot } from '../../keys/customer-held/root.js';
import type { KeyRoot } from '../../keys/key-root.js';
import { localKeyring } from '../../keys/local-keyring.js';
import { rootsOfCells } from '../../keys/roots-of-cells.js';
import { type TenantKeys, tenantKeys } from '../../keys/tenant-keys.js';
import { controlDirectory } from './control-directory.js';
import type { CellAddress, Directory } from './directory.js';
import { tenantKeyRecords } from './tenant-key-records.js';

const CONTROL_DATABASE = 'control';

/** The options of `createAccess` for a project on this machine. */
export interface LocalProject {
  readonly directory: Directory;
  readonly tenantKeys: TenantKeys;
  /** Closes the directory too. */
  close(): Promise<void>;
}

/**
 * Opens the project whose files lie in `home` (`.ringfence`), for an application that runs as the same user.
 * Changes nothing.
 * @throws RingfenceError `database_unavailable` when the control database does not run; `data_lost`; `config_invalid` for one elsewhere.
 */
export const openLocalProject = (home: string): LocalProject => {
  if (existsSync(join(home, 'control-database.json')))
    throw new RingfenceError(
      'config_invalid',
      'the control database of this project is not on this machine',
      {
        fix: 'give createAccess a controlDirectory with its address and a login of it (docs/access.md)',
      },
    );
  const control = running(join(home, 'control'), CONTROL_LOSS, CONTROL_DATABASE);
  const directory = controlDirectory({ control, cellAddress: (cell) => localCell(home, cell) });
  const keyRecords = openPool(control, { max: 1, name: 'ringfence keys' });
  const keys = tenantKeys({
    root: openingRoot(home),
    store: tenantKeyRecords(keyRecords),
  });
  return {
    directory,
    tenantKeys: keys,
    close: async () => {
      keys.close();
      await directory.close();
      await keyRecords.end();
    },
  };
};

/** An application opens wrapped keys, whichever cell's root wrapped them, and looks for no root. */
const openingRoot = (home: string): KeyRoot => {
  const kms = awsKmsRegions().anywhere;
  const root = rootsOfCells(async () => {
    throw new RingfenceError('permission_denied', 'an application makes no tenant keys');
  }, [localKeyring(join(home, 'keyring')), kms]);
  return customerHeldRoot({ root, customer: kms });
};

/** The application's login and context key of a cell on this machine, from the files that brought it up. */
export const localCell = (home: string, cell: string): CellAddress => {
  const dir = join(home, 'cells', cell);
  if (existsSync(authoritiesFile(dir))) {
    throw new RingfenceError('config_invalid', `cell ${cell} is not on this machine`, {
      fix: 'give createAccess a directory whose cellAddress says how to reach it (docs/access.md)',
    });
  }
  const server = running(dir, cellLoss(cell), CELL_DATABASE);
  if (!existsSync(join(dir, 'credentials.json'))) {
    throw new RingfenceError('config_invalid', `cell ${cell} has no credentials for applications`, {
      fix: `bring it up with \`ringfence cells up ${cell}\``,
    });
  }
  const { appPassword, keeperPassword, contextKey } = cellCredentials(dir);
  const connection = { ...server, user: 'ringfence_app', password: appPassword };
  const replica = localReplica(dir);
  const replicas = replica ? [{ ...connection, ...replica }] : [];
  return { cell, contextKey, keeperPassword, connection, replicas };
};

/** Where the replica of a cell listens, if one runs. */
const localReplica = (dir: string): Pick<Connection, 'host' | 'port' | 'address'> | undefined => {
  const record = readOwnRecord(dir);
  const place = record && replicaDir(record.dataDir);
  const server = place && existsSync(place) ? runningLocalServer(place) : undefined;
  if (!place || !server) return undefined;
  return { host: server.host, port: server.port, address: localServerAddress(place) };
};

const running = (dir: string, loss: Loss, database: string): Connection => {
  const server = existsSync(dir) ? runningLocalServer(dir) : undefined;
  if (server) return { ...server, database, address: localServerAddress(dir) };
  if (localServerStatus(dir) === 'lost') throw dataLost(dir, loss);
  throw new RingfenceError('database_unavailable', `the Postgres of ${loss.what} is not running`, {
    fix: 'bring it up again with `ringfence cells up`; nothing that was committed is lost',
  });
};
