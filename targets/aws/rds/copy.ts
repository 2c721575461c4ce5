import { randomBytes } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import type { Rds } from './api.js';
import type { RdsInstance } from './instance.js';

/** Every copy has this tag with the identifier of the original. An instance without the tag is never deleted. */
const TAG = 'ringfence:copy-of';
const SUFFIX = '-ringfence-restore';
const LONGEST_ID = 63;
const FIRST_LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 15_000;
/** RDS takes minutes for a small instance, and hours for terabytes. */
const RESTORE_LIMIT_MS = 12 * 60 * 60_000;
const CHANGE_LIMIT_MS = 30 * 60_000;
const CONNECT_LIMIT_MS = 10 * 60_000;
/** States that end without a usable instance. */
const FAILED =
  /^(?:failed|storage-full|inaccessible-encryption-credentials|incompatible-(?:restore|network|parameters|option-group|credentials))/;

/** How a copy waits: `pause` ends the command's wait early by throwing. */
export interface Waiting {
  readonly now: () => Date;
  /** Told what is waited for. */
  readonly say: (line: string) => void;
  readonly pause: (pauseMs: number) => Promise<void>;
}

type AvailableInstance = RdsInstance & { readonly endpoint: NonNullable<RdsInstance['endpoint']> };

/** A throw-away instance beside the one of a cell; one at a time. */
export interface RdsCopy {
  /** Restores the original as it was at a moment, and waits until the copy takes connections. */
  make(original: RdsInstance, at: Date, login: Connection): Promise<Connection>;
  /**
   * Requests the deletion of the copy, whatever its state, and returns when RDS took the request. Does nothing without a
   * copy.
   */
  remove(waiting: Waiting): Promise<void>;
  /** Removes the copy of a killed run, and waits until its name is free. @throws conflict for an instance that is not ours. */
  clear(): Promise<void>;
}

export const copyName = (original: string): string =>
  `${original.slice(0, LONGEST_ID - SUFFIX.length).replace(/-+$/, '')}${SUFFIX}`;

export const rdsCopy = (
  rds: Rds,
  original: string,
  waiting: Waiting,
  random: (bytes: number) => Buffer = randomBytes,
): RdsCopy => {
  const name = copyName(original);

  const findOurs = async (): Promise<RdsInstance | undefined> => {
    const found = await rds.find(name);
    if (found === undefined || found.tags[TAG] === original) return found;
    throw new RingfenceError('conflict', `instance ${name} is there and has no tag ${TAG}=${original}`, {
      fix: 'Ringfence needs this name for its copy and did not make that instance: give it another name',
    });
  };

  const remove = async (how: Waiting): Promise<void> => {
    if ((await findOurs()) === undefined) return;
    how.say(`RDS deletes ${name}`);
    await until(how, CHANGE_LIMIT_MS, `RDS does not delete ${name}`, async () =>
      (await rds.remove(name)) ? true : undefined,
    );
  };

  const available = (): Promise<AvailableInstance> =>
    until(waiting, RESTORE_LIMIT_MS, `RDS has not restored ${name}`, async () => {
      const copy = await rds.get(name);
      if (FAILED.test(copy.status)) {
        throw new RingfenceError('rds_unavailable', `RDS could not restore ${name}: ${copy.status}`, {
          fix: `look at its events: aws rds describe-events --source-type db-instance --source-identifier ${name}`,
        });
      }
      const { endpoint } = copy;
      return copy.status === 'available' && endpoint ? { ...copy, endpoint } : undefined;
    });

  /** The copy has the original's password of that time, which may have changed since. */
  const open = async (copy: RdsInstance, login: Connection): Promise<Connection> => {
    const isSame = await until(waiting, CONNECT_LIMIT_MS, `${name} takes no connection`, () => takes(login));
    if (isSame) return login;
    const password = random(24).toString('base64url');
    await rds.setPassword(copy, password);
    const changed = { ...login, password };
    await until(waiting, CHANGE_LIMIT_MS, `RDS does not set the password of ${name}`, async () =>
      (await takes(changed)) === true ? true : undefined,
    );
    return changed;
  };

  return {
    async make(source, at, login) {
      await rds.restore(source, name, at, { [TAG]: original });
      waiting.say(`RDS makes ${name}, a copy of ${original} as of ${at.toISOString()}; this takes minutes`);
      const copy = await available();
      const { host, port } = copy.endpoint;
      if (host === login.host && port === login.port) {
        throw new RingfenceError('backup_refused', `RDS says that ${name} is where ${original} is`, {
          fix: 'look at both instances in the console of RDS',
        });
      }
      return open(copy, { ...login, host, port });
    },
    remove,
    async clear() {
      if ((await findOurs()) === undefined) return;
      await remove(waiting);
      await until(waiting, CHANGE_LIMIT_MS, `RDS is not done deleting ${name}`, async () =>
        (await rds.find(name)) === undefined ? true : undefined,
      );
    },
  };
};

/** @returns false when the password is wrong, undefined when nobody answers yet: its name is new. */
const takes = async (login: Connection): Promise<boolean | undefined> => {
  try {
    await withConnection(login, (client) => client.query('SELECT'));
    return true;
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    if (error.code === 'database_auth_failed' && isWrongPassword(error)) return false;
    if (error.code === 'database_unavailable') return undefined;
    throw error;
  }
};

const isWrongPassword = ({ cause }: RingfenceError): boolean =>
  (cause as { code?: unknown }).code === '28P01';

/** Looks again and again until there is an answer. @throws RingfenceError timeout */
const until = async <T>(
  { now, pause }: Waiting,
  limitMs: number,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> => {
  const endMs = now().getTime() + limitMs;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(LONGEST_LOOK_MS, lookMs * 1.5)) {
    const found = await look();
    if (found !== undefined) return found;
    if (now().getTime() >= endMs) {
      throw new RingfenceError('timeout', `${what} within ${limitMs / 60_000} minutes`, {
        fix: 'look at the instance in the console of RDS, and run the command again',
      });
    }
    await pause(lookMs);
  }
};
