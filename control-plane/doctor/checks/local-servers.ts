import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Check, CheckStatus, DoctorCheck } from '../types.js';
import { askPostgres } from './ask-postgres.js';

/** What the doctor reads of `server.json`; the file holds a password too, which is not read. */
const RecordSchema = z.object({
  port: z.number().int().min(1).max(65_535).nullable(),
  portPinned: z.boolean().default(false),
  dataDir: z.string(),
});

type ServerState = 'running' | 'stopped' | 'port taken' | 'port gone' | 'damaged record';

/** Asks each server recorded under `control/` and `cells/` whether a Postgres answers on its port. */
export const checkLocalServers: Check = async ({ project }) => {
  const folders = ['control', ...(await cellFolders(project.home))];
  const servers = [];
  for (const folder of folders) {
    const text = await readFile(join(project.home, folder, 'server.json'), 'utf8').catch(absent);
    if (text !== undefined) servers.push({ name: folder, ...(await look(text)) });
  }
  return judge(servers);
};

const judge = (servers: { name: string; port: number | null; state: ServerState }[]): DoctorCheck => {
  if (servers.length === 0) {
    return { name: 'local-servers', status: 'ok', detail: 'none recorded', data: { servers } };
  }
  const has = (state: ServerState): boolean => servers.some((server) => server.state === state);
  const status: CheckStatus =
    has('damaged record') || has('port taken') ? 'fail' : has('stopped') || has('port gone') ? 'warn' : 'ok';
  const detail = servers.map(({ name, port, state }) => `${name} ${state}${port ? ` (port ${port})` : ''}`);
  const fixes = [
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

const look = async (text: string): Promise<{ port: number | null; state: ServerState }> => {
  const record = RecordSchema.safeParse(parseJson(text));
  if (!record.success) return { port: null, state: 'damaged record' };
  const { port, portPinned } = record.data;
  if (port === null) return { port, state: 'stopped' };
  const answer = await askPostgres(port);
  const states = {
    postgres: 'running',
    silence: 'stopped',
    another: portPinned ? 'port taken' : 'port gone',
  } as const;
  return { port, state: states[answer] };
};

const cellFolders = async (home: string): Promise<string[]> =>
  (await readdir(join(home, 'cells')).catch(() => [])).sort().map((name) => join('cells', name));

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
