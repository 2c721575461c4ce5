import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { attempt } from '../../attempt.js';
import { canaryId } from '../canary-ids.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { ENTER, rolledBack, type Stage, tokenFor } from '../stage.js';

const HOUR_MS = 3_600_000;
const LIFETIME_MS = 30_000;
const TOKEN_BYTES = 94;
const SIGNATURE_AT = 62;
/** The SQLSTATE of `enter` for a closed clinic, and for a clinic of a closed tenant. */
const CLINIC_INACTIVE = 'RF001';

const ago = (stage: Stage, ageMs: number): Date => new Date(stage.target.now().getTime() - ageMs);

/** Shows a token at the door, on a connection that has entered nothing. */
const show = (stage: Stage, token: unknown, client: pg.Client = stage.first): Promise<Outcome> =>
  rolledBack(client, async () => judgeRefusal(await attempt(client, ENTER, [token]), [CLINIC_INACTIVE]));

/** A door that refuses everybody proves nothing. */
const ifDoorOpens = async (stage: Stage, judge: () => Promise<Outcome>): Promise<Outcome> => {
  const opens = await stage.once('the door opens', async () => (await show(stage, sound(stage))).verdict);
  return opens === 'leaked' ? judge() : unproven('a sound token is not accepted either');
};

/** Shows many at once. */
const showAll = (stage: Stage, tokens: readonly Buffer[]): Promise<Outcome> =>
  ifDoorOpens(stage, () => showEach(stage, tokens));

const showEach = (stage: Stage, tokens: readonly Buffer[]): Promise<Outcome> =>
  rolledBack(stage.first, async () => {
    let accepted = 0;
    let odd = 0;
    for (const token of tokens) {
      const { verdict } = judgeRefusal(await attempt(stage.first, ENTER, [token]));
      if (verdict === 'leaked') accepted += 1;
      if (verdict === 'unproven') odd += 1;
    }
    if (accepted > 0) return leaked(`${accepted} of ${tokens.length} were accepted`);
    return odd === 0 ? held(`${tokens.length} shown, all refused`) : unproven(`${odd} ended otherwise`);
  });

const token = (
  id: string,
  tried: string,
  forge: (stage: Stage) => unknown,
  isolation: readonly number[] = [12],
): SuiteCase => ({
  id: `forged-badge/token/${id}`,
  isolation,
  tried: `Showing the database a context token ${tried}`,
  expected: 'refused',
  run: async (stage) => {
    const forged = await forge(stage);
    return ifDoorOpens(stage, () => show(stage, forged));
  },
});

const sound = (stage: Stage): Buffer => tokenFor(stage, stage.first, stage.a);

/** The token with some bytes written over, its signature left as it was. */
const overwrite = (stage: Stage, at: number, bytes: Buffer): Buffer => {
  const forged = sound(stage);
  bytes.copy(forged, at);
  return forged;
};

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const REGIONS: ReadonlyArray<readonly [id: string, name: string, from: number, to: number]> = [
  ['version', 'format version', 0, 1],
  ['key', 'key number', 1, 2],
  ['connection', 'connection number', 2, 6],
  ['expiry', 'expiry', 6, 14],
  ['tenant', 'tenant', 14, 30],
  ['clinic', 'clinic', 30, 46],
  ['user', 'user', 46, SIGNATURE_AT],
  ['signature', 'signature', SIGNATURE_AT, TOKEN_BYTES],
];

const flips = (bytes: Buffer, from: number, to: number): Buffer[] =>
  Array.from({ length: (to - from) * 8 }, (_, bit) => {
    const flipped = Buffer.from(bytes);
    const at = from + (bit >> 3);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
    return flipped;
  });

/** Context tokens that `ringfence.enter` must refuse. */
export const TOKENS: readonly SuiteCase[] = [
  token('other-clinic', "for the own tenant and another tenant's clinic, soundly signed", (stage) =>
    tokenFor(stage, stage.first, { tenantId: stage.a.tenantId, clinicId: stage.b.clinicId }),
  ),
  token('other-tenant', 'for another tenant and the own clinic, soundly signed', (stage) =>
    tokenFor(stage, stage.first, { tenantId: stage.b.tenantId, clinicId: stage.a.clinicId }),
  ),
  token('written-over-clinic', 'of its own in which another clinic was written', (stage) =>
    overwrite(stage, 30, uuidBytes(stage.b.clinicId)),
  ),
  token('written-over-both', 'of its own in which another tenant and clinic were written', (stage) =>
    overwrite(stage, 14, Buffer.concat([uuidBytes(stage.b.tenantId), uuidBytes(stage.b.clinicId)])),
  ),
  token('written-over-branch', 'of its own in which another clinic of the same tenant was written', (stage) =>
    overwrite(stage, 30, uuidBytes(stage.branch.clinicId)),
  ),
  token('other-connection', 'that was made for another connection of the pool', (stage) =>
    tokenFor(stage, stage.second, stage.a),
  ),
  token('other-connection-victim', 'of another tenant, caught on its connection', (stage) =>
    tokenFor(stage, stage.second, stage.b),
  ),
  token('connection-zero', 'made for no connection', (stage) =>
    tokenFor(stage, stage.first, stage.a, { backendPid: 0 }),
  ),
  token('expired', 'that expired an hour ago', (stage) =>
    tokenFor(stage, stage.first, stage.a, { now: ago(stage, HOUR_MS) }),
  ),
  token('just-expired', 'that expired a second ago', (stage) =>
    tokenFor(stage, stage.first, stage.a, { now: ago(stage, LIFETIME_MS + 1_000) }),
  ),
  token('before-1970', 'whose expiry lies before 1970, soundly signed', (stage) =>
    tokenFor(stage, stage.first, stage.a, { now: new Date(-HOUR_MS) }),
  ),
  token('other-key', 'signed with a key of its own', (stage) =>
    tokenFor(stage, stage.first, stage.b, { secret: randomBytes(32) }),
  ),
  token('empty-key', 'signed with an empty key', (stage) =>
    tokenFor(stage, stage.first, stage.b, { secret: Buffer.alloc(0) }),
  ),
  token('zero-key', 'signed with a key of zeros', (stage) =>
    tokenFor(stage, stage.first, stage.b, { secret: Buffer.alloc(32) }),
  ),
  token('unknown-key', 'that names a key which the cell has not', (stage) =>
    tokenFor(stage, stage.first, stage.b, { keyId: 255, secret: randomBytes(32) }),
  ),
  token('plain-hash', 'signed with a plain hash instead of a keyed one', (stage) => {
    const body = tokenFor(stage, stage.first, stage.b).subarray(0, SIGNATURE_AT);
    return Buffer.concat([body, createHash('sha256').update(body).digest()]);
  }),
  token('no-signature', 'without its signature', (stage) => sound(stage).subarray(0, SIGNATURE_AT)),
  token('zero-signature', 'whose signature is zeros', (stage) =>
    overwrite(stage, SIGNATURE_AT, Buffer.alloc(32)),
  ),
  token('unknown-clinic', 'for a clinic that does not exist', (stage) =>
    tokenFor(stage, stage.first, { tenantId: stage.a.tenantId, clinicId: canaryId() }),
  ),
  token('unknown-tenant', 'for a tenant that does not exist', (stage) =>
    tokenFor(stage, stage.first, { tenantId: canaryId(), clinicId: stage.a.clinicId }),
  ),
  token('nothing', 'that is NULL', () => null),
  token('empty', 'that is empty', () => Buffer.alloc(0)),
  token('zeros', 'of zeros', () => Buffer.alloc(TOKEN_BYTES)),
  token('ones', 'of ones', () => Buffer.alloc(TOKEN_BYTES, 0xff)),
  token('huge', 'of a megabyte', () => Buffer.alloc(1_048_576, 1)),
  token('text', 'written as SQL', () => Buffer.from(`' OR true; SELECT ringfence.enter('`)),
  ...REGIONS.map(([id, name, from, to]) => ({
    id: `forged-badge/token/flipped-${id}`,
    isolation: [12],
    tried: `Showing context tokens with each single bit of the ${name} changed`,
    expected: 'every one refused',
    run: (stage: Stage) => showAll(stage, flips(sound(stage), from, to)),
  })),
  {
    id: 'forged-badge/token/truncated',
    isolation: [12],
    tried: 'Showing a context token cut at every length',
    expected: 'every one refused',
    run: (stage) =>
      showAll(
        stage,
        Array.from({ length: TOKEN_BYTES }, (_, length) => sound(stage).subarray(0, length)),
      ),
  },
  {
    id: 'forged-badge/token/extended',
    isolation: [12],
    tried: 'Showing a context token with more bytes behind it',
    expected: 'every one refused',
    run: (stage) =>
      showAll(
        stage,
        [1, 2, 16, 32, TOKEN_BYTES].map((more) => Buffer.concat([sound(stage), Buffer.alloc(more)])),
      ),
  },
  {
    id: 'forged-badge/token/replayed',
    isolation: [12],
    tried: 'Replaying a token that was used on one connection on another one',
    expected: 'refused there',
    run: async (stage) => {
      const caught = sound(stage);
      const used = await rolledBack(stage.first, () => attempt(stage.first, ENTER, [caught]));
      if (used.sqlstate !== undefined) return unproven('the token was not accepted where it belongs either');
      return show(stage, caught, stage.second);
    },
  },
  {
    id: 'forged-badge/token/second-clinic',
    isolation: [11, 12],
    tried: 'Entering another clinic, with a sound token, in a transaction that has entered one',
    expected: 'refused: one clinic for each transaction',
    run: (stage) =>
      rolledBack(stage.first, async () => {
        await stage.first.query(ENTER, [sound(stage)]);
        return judgeRefusal(await attempt(stage.first, ENTER, [tokenFor(stage, stage.first, stage.b)]));
      }),
  },
  ...(
    [
      ['suspended', 'a suspended tenant', `UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`],
      ['archived', 'an archived tenant', `UPDATE ringfence.tenants SET state = 'archived' WHERE id = $1`],
      ['closed', 'a closed clinic', `UPDATE ringfence.clinics SET state = 'closed' WHERE tenant_id = $1`],
    ] as const
  ).map(([id, who, close]) => ({
    id: `forged-badge/token/${id}`,
    isolation: [12, 20],
    tried: `Entering with a sound token of ${who}`,
    expected: 'refused from the moment on at which it was closed',
    run: async (stage: Stage) => {
      const before = await show(stage, sound(stage));
      if (before.verdict !== 'leaked') return unproven('the token was not accepted before either');
      await stage.admin.query(close, [stage.a.tenantId]);
      try {
        return await show(stage, sound(stage));
      } finally {
        await stage.admin.query(`UPDATE ringfence.clinics SET state = 'active' WHERE tenant_id = $1`, [
          stage.a.tenantId,
        ]);
        await stage.admin.query(`UPDATE ringfence.tenants SET state = 'active' WHERE id = $1`, [
          stage.a.tenantId,
        ]);
      }
    },
  })),
];
