import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { hasRecord } from '../../data-plane/database/server/record.js';
import type { Project } from './project.js';

/** Whoever needs a place for a while takes it here: purging, doctor and erasure know what is below `scratch/`, and nothing else. */
export type ScratchName = 'rehearsal' | 'control-rehearsal' | 'mutants' | `restore-${string}`;

const scratchRoot = (project: Project): string => join(project.home, 'scratch');

/** Folder of what a command makes for itself, a server or files, and removes at its end; a killed one leaves it. */
export const scratchDir = (project: Project, name: ScratchName): string => join(scratchRoot(project), name);

/** Folders of the servers that commands made for themselves. */
export const scratchServers = (project: Project): string[] => {
  const root = scratchRoot(project);
  return (existsSync(root) ? readdirSync(root) : []).map((name) => join(root, name)).filter(hasRecord);
};

/** Removes every server that a killed command left, with its data; whoever made it would begin anew anyway. */
export const purgeScratchServers = (project: Project): void => {
  for (const dir of scratchServers(project)) purgeLocalServer(dir);
};
