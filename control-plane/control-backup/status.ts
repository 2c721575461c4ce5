import { z } from 'zod';
import { lastAt, listGenerations, newestOf } from '../../data-plane/backup/offsite/generations.js';
import { controlUrl } from '../project/control-address.js';
import type { ControlServer } from '../project/control-server.js';
import { readRows } from '../project/read-rows.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import { behindItsBackup } from './behind.js';
import { controlStore } from './offsite.js';

const MINUTE_MS = 60_000;
/** As a tenant's backups by default. */
const PROMISED_MINUTES = 1_440;

/** The age of the control database if this machine were lost now. */
export interface ControlStatus {
  readonly projectId: string;
  readonly historyDays: number;
  /** The time when the last piece of its log, or a base backup, went into the object store; null before the first. */
  readonly lastSentAt: Date | null;
  readonly lastBaseAt: Date | null;
  readonly ageMinutes: number | null;
  /** The database is older than its own backup: somebody put it back by hand. */
  readonly isBehind: boolean;
  readonly overdue: boolean;
  readonly storedBytes: number;
  readonly rehearsedAt: Date | null;
  /** Where RINGFENCE_CONTROL finds it; null for one on this machine. */
  readonly url: string | null;
  /** The beginning of the window that RDS can restore; null where there is none, and for one on this machine. */
  readonly restorableFrom: Date | null;
}

export const controlStatus = async (runtime: Runtime): Promise<ControlStatus> => {
  const { control, controlServer, project, target } = runtime;
  if (controlServer !== undefined) return statusOnRds(runtime, controlServer);
  const { id, historyDays } = await readProject(control);
  const generations = await listGenerations(controlStore(target.objects));
  const there = newestOf(generations);
  const files = generations.flatMap((one) => one.files);
  const isBehind = behindItsBackup(project, there) !== undefined;
  const { rows } = await control.query('SELECT max(at) AS at FROM control.control_rehearsals');
  const [rehearsed] = readRows(z.object({ at: z.date().nullable() }), 'control.control_rehearsals', rows);
  const lastSentAt = there ? new Date(lastAt(there)) : null;
  const ageMinutes = ageOf(lastSentAt, runtime.now());
  return {
    projectId: id,
    historyDays,
    lastSentAt,
    lastBaseAt: there?.baseAt ?? null,
    ageMinutes,
    isBehind,
    overdue: isBehind || ageMinutes === null || ageMinutes > PROMISED_MINUTES,
    storedBytes: files.reduce((sum, file) => sum + file.storedBytes, 0),
    rehearsedAt: rehearsed?.at ?? null,
    url: null,
    restorableFrom: null,
  };
};

/** By the word of RDS, which keeps it. */
const statusOnRds = async (
  { control, now }: Runtime,
  { history, place }: ControlServer,
): Promise<ControlStatus> => {
  const { id } = await readProject(control);
  const kept = history();
  const window = await kept.window();
  const ageMinutes = ageOf(window?.to ?? null, now());
  return {
    projectId: id,
    historyDays: await kept.keptDays(0),
    lastSentAt: window?.to ?? null,
    lastBaseAt: null,
    ageMinutes,
    isBehind: false,
    overdue: ageMinutes === null || ageMinutes > PROMISED_MINUTES,
    storedBytes: 0,
    rehearsedAt: null,
    url: controlUrl(place),
    restorableFrom: window?.from ?? null,
  };
};

const ageOf = (at: Date | null, now: Date): number | null =>
  at && Math.max(0, Math.round((now.getTime() - at.getTime()) / MINUTE_MS));
