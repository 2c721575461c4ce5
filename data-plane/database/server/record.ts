import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { createSecretFile, readSecretFile, replaceSecretFile } from '../../../core/files/secret-file.js';
import { ROOT_DATA_DIR } from './account.js';

/** The record of a local server: `<dir>/server.json`, mode 0600, because it holds the superuser's password. */
const ServerFileSchema = z.strictObject({
  id: z.string().length(32).optional(),
  /** Below the server's folder as a path from there, so that the folder can be moved and copied. */
  dataDir: z.string(),
  dataMade: z.boolean().optional(),
  port: z.number().int().min(1).max(65_535).nullable(),
  portPinned: z.boolean(),
  superuser: z.string(),
  password: z.string().min(24),
});

export interface ServerRecord {
  /** By which the server and data outside its folder know each other; 32 hex digits. */
  readonly id: string;
  /** Absolute. */
  readonly dataDir: string;
  /** There was data once: when it is missing, it is lost, and nothing may start empty. */
  readonly dataMade: boolean;
  readonly port: number | null;
  /** A port that the user asked for is never exchanged for another. */
  readonly portPinned: boolean;
  readonly superuser: string;
  readonly password: string;
}

const SUPERUSER = 'ringfence_admin';
const ID_HEX_DIGITS = 32;

export const recordPath = (dir: string): string => join(dir, 'server.json');

/** Says whether a server was begun in `dir`, even when its record is damaged. */
export const hasRecord = (dir: string): boolean => existsSync(recordPath(dir));

export const readRecord = (dir: string): ServerRecord | undefined => {
  const text = readSecretFile(recordPath(dir));
  return text === undefined ? undefined : parse(dir, text);
};

/** Creates the record once; of two processes at the same time, both get the winner's. */
export const createRecord = (
  dir: string,
  fields: {
    dataDir: string;
    port: number | undefined;
  },
  random: (bytes: number) => Buffer = randomBytes,
): ServerRecord => {
  const record: ServerRecord = {
    id: random(ID_HEX_DIGITS / 2).toString('hex'),
    dataDir: fields.dataDir,
    dataMade: false,
    port: fields.port ?? null,
    portPinned: fields.port !== undefined,
    superuser: SUPERUSER,
    password: random(24).toString('base64url'),
  };
  return parse(dir, createSecretFile(recordPath(dir), serialise(dir, record)));
};

export const updateRecord = (dir: string, record: ServerRecord): void =>
  replaceSecretFile(recordPath(dir), serialise(dir, record));

const serialise = (dir: string, record: ServerRecord): string => {
  const below = relative(dir, record.dataDir);
  const dataDir = below.startsWith('..') || isAbsolute(below) ? record.dataDir : below;
  return `${JSON.stringify({ ...record, dataDir }, null, 2)}\n`;
};

const parse = (dir: string, text: string): ServerRecord => {
  try {
    const file = ServerFileSchema.parse(JSON.parse(text));
    return {
      ...file,
      id: file.id ?? earlierId(file.password),
      dataDir: placeOf(dir, file.dataDir),
      dataMade: file.dataMade ?? (file.port !== null && !file.portPinned),
    };
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${recordPath(dir)} is damaged`, {
      fix: 'restore the file from its copy: without it nobody knows the password of this server',
      cause,
    });
  }
};

/** Earlier versions wrote an absolute path below the folder too: the folder may have been moved or copied since. */
const placeOf = (dir: string, dataDir: string): string => {
  if (!isAbsolute(dataDir)) return join(dir, dataDir);
  return dataDir.startsWith(`${ROOT_DATA_DIR}/`) ? dataDir : join(dir, 'data');
};

/** Records of earlier versions have no id: it follows from what is theirs alone, so that each look finds the same one. */
const earlierId = (password: string): string =>
  createHash('sha256').update(password).digest('hex').slice(0, ID_HEX_DIGITS);
