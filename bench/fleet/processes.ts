import { readdirSync, readFileSync } from 'node:fs';

/** Linux only: what /proc tells of processes (proc(5)). */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Processor time of the process and of its children that ended. */
  readonly cpuSeconds: number;
}

const TICKS_PER_SECOND = 100;

/** The processes that `root` started, directly or not, and itself. */
export const familyOf = (root: number): Process[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const family = all.filter(({ pid }) => pid === root);
  for (let at = 0; at < family.length; at++)
    family.push(...all.filter(({ parent }) => parent === family[at]?.pid));
  return family;
};

/** Resident memory; a page that several processes share counts in each. */
export const rssBytes = (pid: number): number => kilobytes(`/proc/${pid}/status`, 'VmRSS');

/** Resident memory with shared pages divided among those that share them. */
export const pssBytes = (pid: number): number => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss');

const readProcess = (pid: number): Process | undefined => {
  // 4242 (node) S <parent> ...: the name may hold spaces and brackets.
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const fields = rest.split(' ').map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { pid, name, parent: fields[1] ?? 0, cpuSeconds: ticks / TICKS_PER_SECOND };
};

const kilobytes = (path: string, field: string): number =>
  1_024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(path))?.[1] ?? 0);

/** Processes end while they are looked at. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
