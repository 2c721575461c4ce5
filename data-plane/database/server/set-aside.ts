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
