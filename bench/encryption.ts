import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptField, encryptField, fieldKey } from '../data-plane/keys/field-envelope.js';
import type { KeyRoot } from '../data-plane/keys/key-root.js';
import { localKeyring } from '../data-plane/keys/local-keyring.js';
import { tenantKeys } from '../data-plane/keys/tenant-keys.js';
import type { WrappedKeyRecord } from '../data-plane/keys/wrapped-key-store.js';
import { onOneCore } from './cores.js';
import { atMost, type Comparison, compare, noCalls } from './measure.js';

const FIELDS = 20_000;
const REQUESTS = 2_000;
const TEXT = 'Amalia Fernández de la Vega, +34 600 123 456';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Field envelopes against node:crypto in a loop: the same AES-256-GCM, with a random IV each and nothing else (no
 * additional data, no header). And how often a warm key calls the key service.
 */
export const benchEncryption = (): Promise<Comparison[]> => onOneCore(undefined, measure);

const measure = async (): Promise<Comparison[]> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-keys-'));
  let calls = 0;
  const counted = (root: KeyRoot): KeyRoot => ({
    ...root,
    unwrap: (...given) => {
      calls++;
      return root.unwrap(...given);
    },
  });
  const root = counted(localKeyring(dir));
  const tenantId = randomUUID();
  const clinicId = randomUUID();
  let record: WrappedKeyRecord | undefined;
  const keys = tenantKeys({
    root,
    store: {
      get: async () => record,
      put: async (made) => {
        record = made;
        return made;
      },
      list: async () => [],
      markDestroyed: async () => undefined,
    },
  });
  try {
    (await keys.create(tenantId, await root.ensureRoot('bench', { mayCreate: true }))).wipe();
    (await keys.load(tenantId)).wipe();
    const key = fieldKey(await keys.load(tenantId), clinicId);
    const place = { table: 'clinical.patients', column: 'patient_name_sealed', rowId: randomUUID() };
    const bareKey = randomBytes(32);
    const bareEnvelope = bareEncrypt(bareKey, randomBytes(IV_BYTES), TEXT);
    const envelope = encryptField(key, place, TEXT);
    const countCalls = async (): Promise<number> => {
      const before = calls;
      for (let n = 0; n < REQUESTS; n++) {
        const key = await keys.load(tenantId);
        encryptField(fieldKey(key, clinicId), place, TEXT);
        key.wipe();
      }
      return calls - before;
    };
    const repeat = (field: () => unknown) => async (): Promise<void> => {
      for (let n = 0; n < FIELDS; n++) field();
    };
    const encrypted = await compare(
      `${FIELDS} fields encrypted / bare node:crypto`,
      {
        baseline: repeat(() => bareEncrypt(bareKey, randomBytes(IV_BYTES), TEXT)),
        measured: repeat(() => encryptField(key, place, TEXT)),
      },
      atMost(1.3, 9),
    );
    const drawnAtOnce = await compare(
      'the same / bare node:crypto with the IVs of 64 fields drawn at once, as ours are',
      {
        baseline: async () => {
          let ivs = randomBytes(0);
          for (let n = 0; n < FIELDS; n++) {
            if (ivs.length === 0) ivs = randomBytes(64 * IV_BYTES);
            bareEncrypt(bareKey, ivs.subarray(0, IV_BYTES), TEXT);
            ivs = ivs.subarray(IV_BYTES);
          }
        },
        measured: repeat(() => encryptField(key, place, TEXT)),
      },
      atMost(1.3, 9),
    );
    const decrypted = await compare(
      `${FIELDS} fields decrypted / bare node:crypto`,
      {
        baseline: repeat(() => bareDecrypt(bareKey, bareEnvelope)),
        measured: repeat(() => decryptField(key, place, envelope)),
      },
      atMost(1.3, 9),
    );
    const called = await compare(
      `to the key service by ${REQUESTS} requests with a warm key`,
      { baseline: async () => undefined, measured: countCalls },
      noCalls,
    );
    return [encrypted, drawnAtOnce, decrypted, called];
  } finally {
    keys.close();
    rmSync(dir, { recursive: true });
  }
};

const bareEncrypt = (key: Buffer, iv: Buffer, text: string): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
};

const bareDecrypt = (key: Buffer, envelope: Buffer): string => {
  const decipher = createDecipheriv('aes-256-gcm', key, envelope.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(envelope.subarray(-TAG_BYTES));
  return decipher.update(envelope.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
};
