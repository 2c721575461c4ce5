import type pg from 'pg';
import { type ContextSubject, signContextToken } from '../../data-plane/access/context-token.js';
import type { Place } from '../../data-plane/database/places.js';
import type { Random } from '../../data-plane/demo/random.js';
import type { Readable } from '../objects.js';
import type { CanaryTable } from './canary-tables.js';
import type { CanaryClinic } from './plant.js';
import type { SuiteKeys, SuiteTarget } from './target.js';

/** The stage of every case: committed throw-away tenants, and connections of the application's login. */
export interface Stage {
  readonly target: SuiteTarget;
  readonly keys: SuiteKeys;
  /** True when `keys` are those of the deployment. */
  readonly ownKeys: boolean;
  readonly admin: pg.Client;
  /** Two connections of the application's login, as a pool would have them. */
  readonly first: pg.Client;
  readonly second: pg.Client;
  /** The attacker. */
  readonly a: CanaryClinic;
  /** Another clinic of the attacker's tenant. */
  readonly branch: CanaryClinic;
  /** The victim, of another tenant. */
  readonly b: CanaryClinic;
  readonly tables: readonly CanaryTable[];
  /** Every relation with a clinic_id that the application may read. */
  readonly readable: readonly Readable[];
  /** Every column of the database that names a tenant or a clinic. */
  readonly places: readonly Place[];
  /** Makes the same choices with the same seed. */
  readonly random: Random;
  /** Work whose result several cases share. */
  once<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export const backendPid = (client: pg.ClientBase): number =>
  (client as unknown as { readonly processID: number }).processID;

/** A sound token for this connection, changed as a case needs it. */
export const tokenFor = (
  stage: Stage,
  client: pg.ClientBase,
  subject: ContextSubject,
  changes: {
    readonly now?: Date;
    readonly backendPid?: number;
    readonly secret?: Buffer;
    readonly keyId?: number;
  } = {},
): Buffer => {
  const { keyId, secret } = stage.target.contextKey;
  return signContextToken(
    {
      tenantId: subject.tenantId,
      clinicId: subject.clinicId,
      ...(subject.userId === undefined ? {} : { userId: subject.userId }),
      ...(subject.epoch === undefined ? {} : { epoch: subject.epoch }),
    },
    {
      key: { keyId: changes.keyId ?? keyId, secret: changes.secret ?? secret },
      backendPid: changes.backendPid ?? backendPid(client),
      now: changes.now ?? stage.target.now(),
    },
  );
};

export const ENTER = 'SELECT ringfence.enter($1)';

export const enter = async (stage: Stage, client: pg.ClientBase, subject: ContextSubject): Promise<void> => {
  await client.query(ENTER, [tokenFor(stage, client, subject)]);
};

/** A transaction of the application, in a clinic's context or without one; always rolled back. */
export const asClinic = async <T>(
  stage: Stage,
  subject: ContextSubject | null,
  work: (client: pg.Client) => Promise<T>,
  client: pg.Client = stage.first,
): Promise<T> =>
  rolledBack(client, async () => {
    if (subject !== null) await enter(stage, client, subject);
    return work(client);
  });

export const rolledBack = async <T>(client: pg.Client, work: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
};
