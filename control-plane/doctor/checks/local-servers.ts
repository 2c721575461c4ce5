import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import {
  type LocalServerStatus,
  localServerStatus,
} from '../../../data-plane/database/server/local-server.js';
import { CONTROL_LOSS, cellLoss, dataLost } from '../../../data-plane/database/server/lost-data.js';
import type { Check, CheckStatus, DoctorCheck } from '../types.js';
import { askPostgres } from './ask-postgres.js';

/** The parts of `server.json` that the doctor reads. It does not read the password. */
const RecordSchema = z.object({
  port: z.number().int().min(1).max(65_535).nullable(),
  portPinned: z.boolean().default(false),
  dataDir: z.string(),
});

type ServerState =
  | 'running'
  | 'stopped'
  | 'port taken'
  | 'port gone'
  | 'damaged record'
  | 'data lost'
  | 'copy of another';

interface Finding {
  readonly port: number | null;
  readonly state: ServerState;
  /** A better fix than the one for the state, where there is one. */
  readonly fix?: string | undefined;
}

/** Checks each server that is recorded under `control/` and `cells/`: its data and its port. */
export const checkLocalServers: Check = async ({ project }) => {
  const folders = ['control', ...(await cellFolders(project.home))];
  const servers = [];
  for (const folder of folders) {
    const found = await look(join(project.home, folder), folder);
    if (found) servers.push({ name: folder, ...found });
  }
  return judge(servers);
};

const judge = (servers: readonly (Finding & { readonly name: string })[]): DoctorCheck => {
  if (servers.length === 0) {
    return { name: 'local-servers', status: 'ok', detail: 'none recorded', data: { servers } };
  }
  const has = (state: ServerState): boolean => servers.some((server) => server.state === state);
  const isBroken = (['damaged record', 'port taken', 'data lost', 'copy of another'] as const).some(has);
  const status: CheckStatus = isBroken ? 'fail' : has('stopped') || has('port gone') ? 'warn' : 'ok';
  const detail = servers.map(({ name, port, state }) => `${name} ${state}${port ? ` (port ${port})` : ''}`);
  const fixes = [
    ...servers.map(({ fix }) => fix ?? false),
    has('damaged record') &&
      'restore server.json from a copy: without it nobody knows the password of the server',
    has('port taken') && 'end the program that listens on the port of the server',
    has('port gone') &&
      'nothing: another program listens where the server did, so the next command starts it on another port',
    has('stopped') && 'nothing: a stopped server is started by the next command that needs it',
  ].filter((fix) => fix !== false);
  return {
    name: 'local-servers',
    status,
    detail: detail.join(', '),
    data: { servers },
    ...(fixes.length > 0 && { fix: fixes.join('; ') }),
  };
};

const look = async (dir: string, folder: string): Promise<Finding | undefined> => {
  const text = await readFile(join(dir, 'server.json'), 'utf8').catch(absent);
  const status = statusOf(dir, folder === 'control');
  if (status === 'lost') {
    const cell = folder.startsWith('cells/') ? folder.slice('cells/'.length) : undefined;
    return {
      port: null,
      state: 'data lost',
      fix: dataLost(dir, cell === undefined ? CONTROL_LOSS : cellLoss(cell)).fix,
    };
  }
  if (status instanceof RingfenceError && status.code === 'conflict')
    return { port: null, state: 'copy of another', fix: status.fix };
  return text === undefined ? undefined : lookAtPort(text, status);
};

/** Returns the error where the status cannot be read. */
const statusOf = (dir: string, isControl: boolean): LocalServerStatus | RingfenceError => {
  try {
    return localServerStatus(dir, { mayBeOlder: isControl });
  } catch (error) {
    if (error instanceof RingfenceError) return error;
    throw error;
  }
};

const lookAtPort = async (text: string, status: LocalServerStatus | RingfenceError): Promise<Finding> => {
  const record = RecordSchema.safeParse(parseJson(text));
  if (!record.success) return { port: null, state: 'damaged record' };
  const { port, portPinned } = record.data;
  if (port === null) return { port, state: 'stopped' };
  const taken = portPinned ? 'port taken' : 'port gone';
  // In a copy of a project the original answers.
  const states = {
    postgres: status === 'stopped' ? taken : 'running',
    silence: 'stopped',
    another: taken,
  } as const;
  return { port, state: states[await askPostgres(port)] };
};

const cellFolders = async (home: string): Promise<string[]> =>
  (await readdir(join(home, 'cells')).catch(() => [])).sort().map((name) => `cells/${name}`);

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
