import { createHmac } from 'node:crypto';

/** Opaque ids that a token is for: uuids, none of them nil. Without a user the token is the service's own. */
export interface ContextSubject {
  readonly tenantId: string;
  readonly clinicId: string;
  readonly userId?: string;
  /** Of the route by which the caller came: the placement that is the tenant's home. Without it the token is of version 2. */
  readonly epoch?: number;
}

/** The key that signs context tokens of one cell; the cell's database holds it to verify them. */
export interface ContextKey {
  readonly keyId: number;
  readonly secret: Buffer;
}

const VERSION = 2;
const BODY_BYTES = 62;
const VERSION_WITH_EPOCH = 3;
const EPOCH_BYTES = 4;
const BLOCK_BYTES = 64;
const LIFETIME_MS = 30_000;

/**
 * Signs a token that `ringfence.enter` accepts once a transaction, on one connection only and for 30 seconds.
 * Layout: docs/formats.md, "Context token".
 */
export const signContextToken = (
  subject: ContextSubject,
  options: { key: ContextKey; backendPid: number; now: Date },
): Buffer => {
  const { epoch } = subject;
  const body = Buffer.alloc(BODY_BYTES + (epoch === undefined ? 0 : EPOCH_BYTES));
  body.writeUInt8(epoch === undefined ? VERSION : VERSION_WITH_EPOCH, 0);
  body.writeUInt8(options.key.keyId, 1);
  body.writeInt32BE(options.backendPid, 2);
  body.writeBigInt64BE(BigInt(options.now.getTime() + LIFETIME_MS), 6);
  uuidBytes(subject.tenantId).copy(body, 14);
  uuidBytes(subject.clinicId).copy(body, 30);
  if (subject.userId !== undefined) uuidBytes(subject.userId).copy(body, 46);
  if (epoch !== undefined) body.writeUInt32BE(epoch, BODY_BYTES);
  return Buffer.concat([body, createHmac('sha256', options.key.secret).update(body).digest()]);
};

/** The padded blocks of RFC 2104, so that SQL can verify an HMAC with sha256() alone. */
export const hmacPads = (secret: Buffer): { innerPad: Buffer; outerPad: Buffer } => {
  const block = Buffer.alloc(BLOCK_BYTES);
  secret.copy(block);
  return {
    innerPad: block.map((byte) => byte ^ 0x36) as Buffer,
    outerPad: block.map((byte) => byte ^ 0x5c) as Buffer,
  };
};

const uuidBytes = (uuid: string): Buffer => {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16 || bytes.every((byte) => byte === 0))
    throw new TypeError('a context token takes uuids, and not the nil one');
  return bytes;
};

/** Signs for the connections of one process, and uses a token again until half its life is over. */
export interface TokenSigner {
  sign(subject: ContextSubject, backendPid: number): Buffer;
}

const KEPT_TOKENS = 10_000;

export const tokenSigner = (key: ContextKey, now: () => Date): TokenSigner => {
  const kept = new Map<string, { token: Buffer; untilMs: number }>();
  return {
    sign: (subject, backendPid) => {
      const signedAt = now();
      const signedMs = signedAt.getTime();
      const name = `${backendPid}/${subject.tenantId}/${subject.clinicId}/${subject.userId ?? ''}/${subject.epoch ?? ''}`;
      const known = kept.get(name);
      if (known && known.untilMs > signedMs) return known.token;
      if (kept.size >= KEPT_TOKENS) kept.clear();
      const token = signContextToken(subject, { key, backendPid, now: signedAt });
      kept.set(name, { token, untilMs: signedMs + LIFETIME_MS / 2 });
      return token;
    },
  };
};
