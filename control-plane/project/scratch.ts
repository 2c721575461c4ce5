import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { hasRecord } from '../../data-plane/database/server/record.js';
import type { Project } from './project.js';

/** The places for temporary servers and files. Purging, doctor and erasure know `scratch/` and no other place. */
export type ScratchName =
  | 'rehearsal'
  | 'control-rehearsal'
  | 'move-rehearsal'
  | 'mutants'
  | `restore-${string}`;

const scratchRoot = (project: Project): string => join(project.home, 'scratch');

/** The folder for a command's own server or files. The command removes it at its end; a killed one leaves it. */
export const scratchDir = (project: Project, name: ScratchName): string => join(scratchRoot(project), name);

/** Folders of the servers that commands made for themselves. */
export const scratchServers = (project: Project): string[] => {
  const root = scratchRoot(project);
  return (existsSync(root) ? readdirSync(root) : []).map((name) => join(root, name)).filter(hasRecord);
};

/** Removes every server that a killed command left, with its data. The next run of such a command begins anew anyway. */
export const purgeScratchServers = (project: Project): void => {
  for (const dir of scratchServers(project)) purgeLocalServer(dir);
};
