import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  type ContextKey,
  type ContextSubject,
  signContextToken,
} from '../data-plane/access/context-token.js';
import { attempt } from './attempt.js';
import type { Ledger } from './ledger.js';

/** How a probe signs: the cell's key and the time. */
export interface Signing {
  readonly key: ContextKey;
  readonly now: () => Date;
}

const ENTER = 'SELECT ringfence.enter($1)';
const EXPIRED_BY_MS = 60_000;

export const backendPid = async (client: pg.ClientBase): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
};

/** Enters a clinic with a token for this connection. */
export const enterClinic = async (
  client: pg.ClientBase,
  subject: ContextSubject,
  { key, now }: Signing,
  pid: number,
): Promise<void> => {
  await client.query(ENTER, [signContextToken(subject, { key, backendPid: pid, now: now() })]);
};

/** Shows `enter` tokens that it must refuse. `foreignClinicId` is a clinic of another tenant. */
export const tryTokens = async (
  client: pg.ClientBase,
  ledger: Ledger,
  subject: ContextSubject,
  foreignClinicId: string,
  { key, now }: Signing,
): Promise<void> => {
  const sound = { key, backendPid: await backendPid(client), now: now() };
  const flipped = signContextToken(subject, sound);
  flipped.writeUInt8(flipped.readUInt8(30) ^ 1, 30);
  const tokens: ReadonlyArray<readonly [string, Buffer]> = [
    ["token for another tenant's clinic", signContextToken({ ...subject, clinicId: foreignClinicId }, sound)],
    [
      'token of another connection',
      signContextToken(subject, { ...sound, backendPid: sound.backendPid + 1 }),
    ],
    [
      'expired token',
      signContextToken(subject, { ...sound, now: new Date(now().getTime() - EXPIRED_BY_MS) }),
    ],
    [
      'token signed with another key',
      signContextToken(subject, { ...sound, key: { keyId: key.keyId, secret: randomBytes(32) } }),
    ],
    ['token with a flipped bit', flipped],
  ];
  for (const [name, token] of tokens) {
    const { sqlstate } = await attempt(client, ENTER, [token]);
    ledger.bookRefusal('ringfence.enter', name, sqlstate);
  }
};

/** Tries to leave the entered clinic by means of plain SQL. `adminRole` is the cell's superuser. */
export const tryForgeries = async (
  client: pg.ClientBase,
  ledger: Ledger,
  entered: ContextSubject,
  signing: Signing,
  adminRole: string,
): Promise<void> => {
  // The token is sound: only the rule of one clinic a transaction refuses it.
  const second = signContextToken(entered, {
    key: signing.key,
    backendPid: await backendPid(client),
    now: signing.now(),
  });
  const clinic = client.escapeLiteral(randomUUID().replaceAll('-', ''));
  const setting = 'backtrace_functions';
  const forgeries: ReadonlyArray<readonly [string, string, string, (readonly unknown[])?]> = [
    [setting, 'context written by SET', `SET ${setting} = ${clinic}`],
    [setting, 'context written by SET LOCAL', `SET LOCAL ${setting} = ${clinic}`],
    [setting, 'context written by set_config', `SELECT set_config('${setting}', ${clinic}, true)`],
    [setting, 'context kept by the role', `ALTER ROLE CURRENT_USER SET ${setting} = ${clinic}`],
    ['ringfence.enter', 'second enter in a transaction', ENTER, [second]],
    [
      'ringfence_private.context_keys',
      'read of the signing keys',
      'SELECT FROM ringfence_private.context_keys',
    ],
    ['ringfence.tenants', 'read of the list of tenants', 'SELECT FROM ringfence.tenants'],
    ...['ringfence_gate', 'ringfence_owner', 'ringfence_tenant', adminRole].flatMap((role) => [
      [role, 'SET ROLE', `SET LOCAL ROLE ${client.escapeIdentifier(role)}`] as const,
      [
        role,
        'SET SESSION AUTHORIZATION',
        `SET SESSION AUTHORIZATION ${client.escapeIdentifier(role)}`,
      ] as const,
    ]),
  ];
  for (const [object, name, statement, values] of forgeries) {
    const { sqlstate } = await attempt(client, statement, values);
    ledger.bookRefusal(object, name, sqlstate);
  }
};
