import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askGit } from '../../project/git.js';
import { ignoreFile } from '../../project/home.js';
import type { Check, DoctorCheck } from '../types.js';

const NAMED_FILES = 3;

/** Checks whether git has, or would take, files of the project's home. The home holds the keys of all tenants. */
export const checkGit: Check = async ({ project, env }) => {
  const { home } = project;
  const found = (status: DoctorCheck['status'], detail: string, more: Partial<DoctorCheck> = {}) => ({
    name: 'git',
    status,
    detail,
    ...more,
  });
  if (!existsSync(home)) return found('ok', `${home} does not exist yet`);
  const git = (...args: string[]) => askGit(home, env, args);

  if ((await git('rev-parse', '--is-inside-work-tree')).status !== 0)
    return found('ok', `${home} is in no git repository`, { data: { tracked: [] } });
  const tracked = (await git('ls-files', '-z', '--', '.')).stdout
    .toString()
    .split('\0')
    .filter((path) => path !== '');
  if (tracked.length > 0) {
    const more = tracked.length > NAMED_FILES ? ` and ${tracked.length - NAMED_FILES} more` : '';
    return found('fail', `git keeps ${tracked.slice(0, NAMED_FILES).join(', ')}${more} of ${home}`, {
      fix: `git rm -r --cached ${home}; what was committed is known to all who have the repository: take it out of its history, \`ringfence keys rotate\` and \`ringfence cells rotate\``,
      data: { tracked },
    });
  }
  // A name that no file has, to ask whether git would take a new file.
  if ((await git('check-ignore', '--quiet', '--no-index', join(home, 'passphrase'))).status === 0)
    return found('ok', `git leaves ${home} alone`, { data: { tracked } });
  return found('fail', `git would take the keys and passwords in ${home}`, {
    fix: `write a line with * into ${ignoreFile(project)}`,
    data: { tracked },
  });
};
