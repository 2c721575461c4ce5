import { setApplicationLogins } from '../../data-plane/database/application-logins.js';
import {
  makeContextKey,
  makePassword,
  replaceCellCredentials,
} from '../../data-plane/database/cell-credentials.js';
import { withConnection } from '../../data-plane/database/connect.js';
import {
  freeContextKeyId,
  installContextKey,
  retireOtherContextKeys,
} from '../../data-plane/database/context-key.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { getCell, tellApplications } from './store.js';

export interface ContextKeyRotation {
  readonly cell: string;
  readonly keyId: number;
  /** The end of the former key's validity; null when there was no former key. */
  readonly earlierValidUntil: Date | null;
}

/**
 * Gives a cell a new key of context tokens. The directory tells it to applications of this project at once. Applications
 * that got the key in another way have `graceMs` to change. A killed run can be run again: its key, which nobody has,
 * expires with the others at the latest.
 */
export const rotateContextKey = (
  runtime: Runtime,
  cell: string,
  { graceMs }: { readonly graceMs: number },
): Promise<ContextKeyRotation> =>
  inCell(runtime, cell, async (dir) =>
    withConnection(await runtime.target.adminConnection(cell), async (client) => {
      const key = makeContextKey(await freeContextKeyId(client));
      await installContextKey(client, key);
      runtime.reached('context-key-installed');
      replaceCellCredentials(dir, { ...runtime.target.credentials(cell), contextKey: key });
      runtime.reached('context-key-written');
      const earlierValidUntil = await retireOtherContextKeys(client, key.keyId, graceMs);
      return { cell, keyId: key.keyId, earlierValidUntil };
    }),
  );

/**
 * Gives the logins of applications new passwords. Open connections go on. An application that is refused meanwhile asks for
 * the new password and tries again. The server changes before the file: if this is killed in between, the next command puts
 * the file's password back. The other order would lock everybody out.
 */
export const rotateCredentials = (runtime: Runtime, cell: string): Promise<void> =>
  inCell(runtime, cell, async (dir) => {
    const next = {
      ...runtime.target.credentials(cell),
      appPassword: makePassword(),
      keeperPassword: makePassword(),
    };
    await withConnection(await runtime.target.adminConnection(cell), (client) =>
      setApplicationLogins(client, next),
    );
    runtime.reached('credentials-set');
    replaceCellCredentials(dir, next);
    runtime.reached('credentials-written');
  });

const inCell = <T>(runtime: Runtime, cell: string, work: (dir: string) => Promise<T>): Promise<T> =>
  withLock(runtime.control, `cell/${cell}`, async () => {
    await runtime.beforeChange();
    await getCell(runtime.control, cell);
    const result = await work(runtime.target.cellDir(cell));
    await tellApplications(runtime.control, cell);
    return result;
  });
