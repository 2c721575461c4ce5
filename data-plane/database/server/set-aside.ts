import { lstatSync, renameSync } from 'node:fs';

/** Puts a file or folder out of the way and keeps it, beside its place. @returns where it is; null where there is none. */
export const setAside = (path: string, now: Date): string | null => {
  // A link that leads nowhere is there, too.
  if (!lstatSync(path, { throwIfNoEntry: false })) return null;
  const stamp = now.toISOString().replaceAll(':', '').replace('.', '-');
  const kept = `${path}.kept-${stamp}`;
  renameSync(path, kept);
  return kept;
};

/** The time when a file or folder of this name was put aside; undefined for any other name. */
export const keptAt = (name: string): Date | undefined => {
  const [, day, hour, minute, second, ms] =
    /\.kept-(\d{4}-\d{2}-\d{2})T(\d{2})(\d{2})(\d{2})-(\d{3})Z$/.exec(name) ?? [];
  return day === undefined ? undefined : new Date(`${day}T${hour}:${minute}:${second}.${ms}Z`);
};
