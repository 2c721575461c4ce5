import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/whole-file.js';
import type { Project } from '../project/project.js';
import type { Runtime } from '../runtime.js';

const EVERY_MS = 20_000;
/** A worker that has not been heard of for so long hangs, or does not reach the control database. */
const SILENT_MS = 120_000;

const fileOf = ({ home }: Project): string => join(home, 'worker.pulse');

/** Notes over and over that this process runs and that the control database answers it. @returns ends that. */
export const beginPulse = async ({ control, project, now }: Runtime): Promise<() => void> => {
  const beat = async (): Promise<void> => {
    await control.query('SELECT');
    replaceFile(fileOf(project), now().toISOString());
  };
  await beat();
  // The next one may be answered again.
  const timer = setInterval(() => void beat().catch(() => undefined), EVERY_MS);
  return () => {
    clearInterval(timer);
    rmSync(fileOf(project), { force: true });
  };
};

/** When a worker of this project on this machine was last heard of; undefined when that is too long ago, or none runs. */
export const heardOfWorker = (project: Project, now: Date): Date | undefined => {
  const heard = new Date(readPulse(fileOf(project)));
  return now.getTime() - heard.getTime() < SILENT_MS ? heard : undefined;
};

const readPulse = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};
