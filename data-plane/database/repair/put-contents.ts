import { setApplicationLogins } from '../application-logins.js';
import type { CellCredentials } from '../cell-credentials.js';
import { installContextKey } from '../context-key.js';
import { type Difference, restoreCopies, restorePseudonymKeys } from '../defences.js';
import { installPermissions } from '../permissions.js';
import { attempt, type RepairRun } from './attempt.js';
import { nameObstacle } from './obstacles.js';

/** Writes the rows that a release and the credentials put into a cell. @returns the differences that it found. */
export const putContents = async (run: RepairRun, credentials: CellCredentials): Promise<Difference[]> => {
  const { client } = run;
  const { contextKey } = credentials;
  const found: Difference[] = [];
  const put = async (kind: string, object: string, work: () => Promise<readonly string[]>): Promise<void> => {
    let otherwise: readonly string[] = [];
    const failure = await attempt(run, async () => {
      otherwise = await work();
      return undefined;
    });
    if (failure) found.push(nameObstacle({ kind, object, problem: 'could not be looked at' }, failure));
    else
      found.push(
        ...otherwise.map((each) => ({ kind, object: each, problem: 'is another than in this release' })),
      );
  };
  await put('context key', String(contextKey.keyId), async () =>
    (await installContextKey(client, contextKey)) ? [String(contextKey.keyId)] : [],
  );
  await put('copy', 'of assignments, subscriptions and clinics', () => restoreCopies(client));
  await put('pseudonym keys', 'of clinics', async () => {
    const made = await restorePseudonymKeys(client);
    return made > 0 ? [`of ${made} clinics, which are made anew: auditors see other names from now on,`] : [];
  });
  await put('table', 'ringfence.permissions', async () =>
    (await installPermissions(client)) ? ['ringfence.permissions'] : [],
  );
  await put('login', 'of applications', () => setApplicationLogins(client, credentials));
  return found;
};
