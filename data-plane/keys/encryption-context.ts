import { RingfenceError } from '../../core/errors.js';
import { lengthPrefixed } from './length-prefixed.js';

/**
 * The context that binds a wrapped key. AWS writes it to audit trails in plain text, so names are fixed words and values
 * are lower-case UUIDs or whole numbers (isolation by opaque ids only).
 */
export type EncryptionContext = Readonly<Record<string, string>>;

const NAME = /^[a-z][a-z_]{0,31}$/;
const OPAQUE = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9][0-9]{0,9})$/;

/** @throws RingfenceError envelope_refused when the context is empty or holds anything but opaque ids. */
export const assertOpaqueContext = (context: EncryptionContext): void => {
  const entries = Object.entries(context);
  const bad = entries.find(([name, value]) => !NAME.test(name) || !OPAQUE.test(value));
  if (bad === undefined && entries.length > 0) return;
  throw new RingfenceError(
    'envelope_refused',
    bad === undefined
      ? 'the encryption context is empty'
      : 'the encryption context holds more than opaque ids',
    { fix: 'bind keys to UUIDs and version numbers only: a KMS shows the context in its audit trail' },
  );
};

/** The context that binds a tenant's key, whichever root wraps it. */
export const tenantKeyContext = (tenantId: string, version: number): EncryptionContext => ({
  tenant: tenantId,
  version: String(version),
});

/** Additional data of a locally wrapped key: root key id and context, names ascending (docs/formats.md). */
export const wrappedKeyAad = (rootKeyId: string, context: EncryptionContext): Buffer => {
  const names = Object.keys(context).sort();
  return lengthPrefixed([
    'ringfence/wrapped-key/v1',
    rootKeyId,
    ...names.flatMap((name) => [name, context[name] ?? '']),
  ]);
};
