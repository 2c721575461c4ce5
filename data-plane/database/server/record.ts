import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../tenants/errors.js';

/** What is known of a local server: `<dir>/server.json`, mode 0600, because it holds the superuser's password. */
const ServerRecordSchema = z.strictObject({
  dataDir: z.string(),
  port: z.number().int().min(1).max(65_535).nullable(),
  /** A port that the user asked for is never exchanged for another. */
  portPinned: z.boolean(),
  superuser: z.string(),
  password: z.string().min(24),
});
export type ServerRecord = z.infer<typeof ServerRecordSchema>;

export const SUPERUSER = 'ringfence_admin';

const recordPath = (dir: string): string => join(dir, 'server.json');

export const readRecord = (dir: string): ServerRecord | undefined => {
  const path = recordPath(dir);
  if (!existsSync(path)) return undefined;
  try {
    return ServerRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'restore the file from its copy: without it nobody knows the password of this server',
      cause,
    });
  }
};

/** Creates the record once; of two processes at the same time, both get the winner's. */
export const createRecord = (
  dir: string,
  fields: { dataDir: string; port: number | undefined },
  random: (bytes: number) => Buffer = randomBytes,
): ServerRecord => {
  mkdirSync(dir, { recursive: true });
  const record: ServerRecord = {
    dataDir: fields.dataDir,
    port: fields.port ?? null,
    portPinned: fields.port !== undefined,
    superuser: SUPERUSER,
    password: random(24).toString('base64url'),
  };
  const draft = writeDraft(dir, record);
  try {
    linkSync(draft, recordPath(dir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const winner = readRecord(dir);
  if (!winner) throw new RingfenceError('internal', `${recordPath(dir)} vanished while it was created`);
  return winner;
};

export const updateRecord = (dir: string, record: ServerRecord): void =>
  renameSync(writeDraft(dir, record), recordPath(dir));

const writeDraft = (dir: string, record: ServerRecord): string => {
  const draft = join(dir, `.server.${process.pid}.json`);
  mkdirSync(dirname(draft), { recursive: true });
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  return draft;
};
