import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { closedFolderData, placeData, serverAccount } from './account.js';
import { newerArchived } from './older-data.js';
import { readRecord, recordPath, type ServerRecord } from './record.js';
import { replicaDataDir } from './replica-place.js';

type Place = Pick<ServerRecord, 'dataDir' | 'dataMade'>;

/** The archived WAL and the base backups beside a data folder. */
const HISTORY = ['archive', 'base'];

export const hasData = ({ dataDir }: Pick<Place, 'dataDir'>): boolean =>
  existsSync(join(dataDir, 'PG_VERSION'));

/** There was data, or something says so, and it is not there: a new server in its place would be empty. */
export const isLost = (record: Place): boolean => !hasData(record) && (record.dataMade || hasTraces(record));

/** Something of an earlier server is in the place of the data, or beside it. */
const hasTraces = ({ dataDir }: Pick<Place, 'dataDir'>): boolean =>
  HISTORY.some((name) => existsSync(join(dirname(dataDir), name))) ||
  (existsSync(dataDir) && readdirSync(dataDir).length > 0);

/** The likely place of the data of a server without a record: where something of it is, or where this machine would put it. */
export const likelyPlace = (dir: string): string =>
  [join(dir, 'data'), closedFolderData(dir)].find((dataDir) => hasTraces({ dataDir })) ??
  placeData(dir, serverAccount());

/** Nothing says whose the data is any more. */
export const isRecordLost = (dir: string): boolean =>
  existsSync(dir) && hasTraces({ dataDir: likelyPlace(dir) });

/** The owner of the lost data, and the way back, for the error. */
export interface Loss {
  readonly what: string;
  readonly fix: string;
  /** The additional fix for a folder that has an earlier copy of the data. */
  readonly fixOlder?: string;
  /** The fix instead, where its replica is there. */
  readonly fixByReplica?: string;
}

export const cellLoss = (cell: string): Loss => ({
  what: `cell ${cell}`,
  fix: `bring it back with \`ringfence cells restore ${cell}\`, from its base backups and archived WAL, or from its tenants’ backups`,
  fixOlder: `to go on from the earlier copy, and give up what is newer: \`ringfence cells up ${cell} --accept-older\``,
  fixByReplica: `let its replica take over: \`ringfence cells failover ${cell}\``,
});

export const CONTROL_LOSS: Loss = {
  what: 'the control database',
  fix: 'bring it back with `ringfence control restore`',
};

export const dataLost = (dir: string, loss?: Loss): RingfenceError => {
  const record = readRecord(dir);
  const dataDir = record?.dataDir ?? likelyPlace(dir);
  const newer = record && hasData(record) ? newerArchived(dataDir) : undefined;
  const missing = newer
    ? `${dataDir} is an earlier copy; the WAL archived beside it goes on to ${newer}`
    : record
      ? whereItWas(dataDir)
      : `${recordPath(dir)} is gone`;
  const byReplica = existsSync(replicaDataDir(dataDir)) ? loss?.fixByReplica : undefined;
  const fix = byReplica ?? loss?.fix ?? `put ${record ? dataDir : recordPath(dir)} back from a copy`;
  return new RingfenceError(
    'data_lost',
    `${loss?.what ?? `the server in ${dir}`} has lost its data: ${missing}`,
    {
      fix: newer && loss?.fixOlder ? `${fix}; ${loss.fixOlder}` : fix,
    },
  );
};

const whereItWas = (dataDir: string): string => {
  const link = lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (link) return `${dataDir} leads to ${readlinkSync(dataDir)}, where there is none`;
  return existsSync(dataDir) ? `${dataDir} is not whole` : `${dataDir} is gone`;
};
