import { hkdfSync } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { KEY_BYTES } from './key-root.js';

/**
 * One version of a tenant's key, open in memory. The secret itself cannot be read, printed or serialised;
 * keys for a purpose come from `deriveKey`.
 */
export class TenantKey {
  readonly tenantId: string;
  readonly version: number;
  readonly #secret: Buffer;
  #wiped = false;

  /** @param secret 32 bytes, copied. */
  constructor(tenantId: string, version: number, secret: Buffer) {
    if (secret.length !== KEY_BYTES) {
      throw new RingfenceError(
        'envelope_refused',
        `a tenant key has ${KEY_BYTES} bytes, not ${secret.length}`,
      );
    }
    this.tenantId = tenantId;
    this.version = version;
    this.#secret = Buffer.from(secret);
  }

  /** A key of its own with the same secret: wiping one leaves the other. */
  copy(): TenantKey {
    this.#assertOpen();
    return new TenantKey(this.tenantId, this.version, this.#secret);
  }

  /** HKDF-SHA256 of the secret with an empty salt. */
  expand(info: Buffer, lengthBytes: number): Buffer {
    this.#assertOpen();
    return Buffer.from(hkdfSync('sha256', this.#secret, '', info, lengthBytes));
  }

  /** Overwrites the secret. Any later use throws key_not_found. */
  wipe(): void {
    this.#secret.fill(0);
    this.#wiped = true;
  }

  #assertOpen(): void {
    if (!this.#wiped) return;
    throw new RingfenceError('key_not_found', 'the tenant key was wiped from memory', {
      fix: 'load it again',
    });
  }
}
