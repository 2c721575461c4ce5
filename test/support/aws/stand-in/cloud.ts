import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../../core/errors.js';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';

/** A thing in the cloud. */
export interface CloudThing {
  readonly type: string;
  readonly id: string;
  readonly region: string;
  readonly attributes: Properties;
}

/** What the cloud does otherwise than it should. */
interface Faults {
  /** Regions that the account has not opted into. */
  readonly closedRegions?: readonly string[];
  /** Types whose creation is done and never answered. */
  readonly silent?: readonly string[];
  /** How often a call for a type fails, by its token, before it works; `*` for each type. */
  readonly failures?: Readonly<Record<string, number>>;
}

export const ACCOUNT = '123456789012';

/**
 * An account of a cloud in a folder: one file a thing, so that it outlives the process that serves it, and a test changes it by hand.
 */
export interface Cloud {
  list(): CloudThing[];
  find(type: string, id: string): CloudThing | undefined;
  put(thing: CloudThing): void;
  remove(type: string, id: string): void;
  /** Whether a thing of any type has this id. */
  has(id: string): boolean;
  setFaults(faults: Faults): void;
  /** Whether nobody hears of what was made. */
  isSilent(type: string): boolean;
  /** @throws RingfenceError as AWS would fail the call. */
  call(type: string, action: string, region: string): void;
  /** What this process has asked of it: `<type> <action>`. */
  readonly called: ReadonlySet<string>;
}

/** @param throttled makes the error of a call that fails. */
export const openCloud = (dir: string, throttled = rateExceeded): Cloud => {
  mkdirSync(dir, { recursive: true });
  const fileOf = (type: string, id: string): string =>
    join(dir, `${createHash('sha256').update(`${type} ${id}`).digest('hex').slice(0, 24)}.thing.json`);
  const read = (file: string): CloudThing => JSON.parse(readFileSync(file, 'utf8'));
  const list = (): CloudThing[] =>
    readdirSync(dir)
      .filter((name) => name.endsWith('.thing.json'))
      .map((name) => read(join(dir, name)));
  const faultsFile = join(dir, 'faults.json');
  const setFaults = (faults: Faults): void => writeFileSync(faultsFile, JSON.stringify(faults));
  const readFaults = (): Faults =>
    existsSync(faultsFile) ? JSON.parse(readFileSync(faultsFile, 'utf8')) : {};
  const failed = new Map<string, number>();
  const called = new Set<string>();
  return {
    list,
    find(type, id) {
      const file = fileOf(type, id);
      return existsSync(file) ? read(file) : undefined;
    },
    put: (thing) => writeFileSync(fileOf(thing.type, thing.id), JSON.stringify(thing, null, 2)),
    remove: (type, id) => rmSync(fileOf(type, id), { force: true }),
    has: (id) => list().some((thing) => thing.id === id),
    setFaults,
    isSilent: (type) => readFaults().silent?.includes(type) === true,
    called,
    call(type, action, region) {
      called.add(`${type} ${action}`);
      const { closedRegions = [], failures = {} } = readFaults();
      if (closedRegions.includes(region))
        throw awsError('InvalidClientTokenId', 'The security token included in the request is invalid');
      const key = type in failures ? type : '*';
      const left = failures[key] ?? 0;
      const before = failed.get(`${key} ${type} ${action}`) ?? 0;
      if (before >= left) return;
      failed.set(`${key} ${type} ${action}`, before + 1);
      throw throttled(`${action} of ${type}`);
    },
  };
};

const rateExceeded = (call: string): Error => awsError('ThrottlingException', `Rate exceeded (${call})`);

/** An error as the provider for AWS passes it on. */
export const awsError = (name: string, message: string): RingfenceError =>
  new RingfenceError(
    'deployment_failed',
    `operation error: https response error, api error ${name}: ${message}`,
  );
