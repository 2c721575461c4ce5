import { RingfenceError } from '../../../core/errors.js';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import {
  decryptField,
  ENVELOPE_OVERHEAD_BYTES,
  encryptField,
  envelopeKeyVersion,
  type FieldKey,
  fieldKey,
} from '../../../data-plane/keys/field-envelope.js';
import type { FieldPlace } from '../../../data-plane/keys/field-place.js';
import { canaryId } from '../canary-ids.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, leaked } from '../judge.js';
import type { Stage } from '../stage.js';
import { runKeys } from './keys-of-run.js';
import { bitFlips, mustRefuse, mustRefuseAll, truncations } from './refusals.js';

const PLACE: FieldPlace = { table: 'clinical.patients', column: 'medical_history_sealed', rowId: canaryId() };
const TEXT = 'canary text of a sealed field';

interface Sealed {
  readonly key: FieldKey;
  readonly branchKey: FieldKey;
  readonly newerKey: FieldKey;
  readonly otherKey: FieldKey;
  readonly envelope: Buffer;
}

const sealed = (stage: Stage): Promise<Sealed> =>
  stage.once('sealed', async () => {
    const keys = await runKeys(stage);
    const key = fieldKey(keys.a, stage.a.clinicId);
    const envelope = encryptField(key, PLACE, TEXT);
    if (decryptField(key, PLACE, envelope) !== TEXT)
      throw new RingfenceError('internal', 'a sound envelope does not open either');
    return {
      key,
      branchKey: fieldKey(keys.a, stage.branch.clinicId),
      newerKey: fieldKey(keys.newer, stage.a.clinicId),
      otherKey: fieldKey(keys.b, stage.b.clinicId),
      envelope,
    };
  });

/** Where the parts of an envelope are, in bytes (docs/formats.md, field envelope). */
const COMMITMENT_AT = 5;
const IV_AT = 37;
const TEXT_AT = 49;
const TAG_BYTES = 16;

const swap = (id: string, tried: string, open: (sealed: Sealed) => unknown): SuiteCase => ({
  id: `wrong-key/swap/${id}`,
  isolation: [23],
  tried,
  expected: 'refused, with nothing of the text',
  run: async (stage) => {
    const all = await sealed(stage);
    return mustRefuse(() => open(all));
  },
});

const damaged = (
  id: string,
  isolation: readonly number[],
  tried: string,
  damage: (envelope: Buffer, sealed: Sealed) => Buffer[],
): SuiteCase => ({
  id: `wrong-key/envelope/${id}`,
  isolation,
  tried,
  expected: 'every one refused',
  run: async (stage) => {
    const all = await sealed(stage);
    const attempts = damage(all.envelope, all).map((bytes) => () => decryptField(all.key, PLACE, bytes));
    return mustRefuseAll(attempts);
  },
});

const splice = (envelope: Buffer, other: Buffer, from: number, to: number): Buffer =>
  Buffer.concat([envelope.subarray(0, from), other.subarray(from, to), envelope.subarray(to)]);

/** A sealed field opened elsewhere than where it was sealed, and damaged in every place. */
export const ENVELOPES: readonly SuiteCase[] = [
  swap('tenant', "Opening a sealed field with another tenant's key", ({ otherKey, envelope }) =>
    decryptField(otherKey, PLACE, envelope),
  ),
  swap(
    'tenant-relabelled',
    "Opening it with another tenant's key after writing that key's mark into it",
    ({ otherKey, envelope }) => decryptField(otherKey, PLACE, splice(envelope, otherKey.header, 0, IV_AT)),
  ),
  swap('clinic', 'Opening it as another clinic of the same tenant', ({ branchKey, envelope }) =>
    decryptField(branchKey, PLACE, envelope),
  ),
  swap(
    'clinic-relabelled',
    "Opening it as another clinic of the same tenant after writing that clinic's mark into it",
    ({ branchKey, envelope }) => decryptField(branchKey, PLACE, splice(envelope, branchKey.header, 0, IV_AT)),
  ),
  swap('table', 'Opening it as a field of another table', ({ key, envelope }) =>
    decryptField(key, { ...PLACE, table: 'clinical.messages' }, envelope),
  ),
  swap('column', 'Opening it as another column of the same row', ({ key, envelope }) =>
    decryptField(key, { ...PLACE, column: 'phone_sealed' }, envelope),
  ),
  swap('row', 'Opening it as the same column of another row', ({ key, envelope }) =>
    decryptField(key, { ...PLACE, rowId: canaryId() }, envelope),
  ),
  swap(
    'shifted',
    'Opening it at a place whose table, column and row run together to the same letters',
    ({ key, envelope }) =>
      decryptField(
        key,
        { table: 'clinical.patient', column: `s${PLACE.column}`, rowId: PLACE.rowId },
        envelope,
      ),
  ),
  swap('newer', "Opening it with the tenant's newer key", ({ newerKey, envelope }) =>
    decryptField(newerKey, PLACE, envelope),
  ),
  swap('rolled-back', 'Opening a field of the newer key with the older one', ({ key, newerKey }) =>
    decryptField(key, PLACE, encryptField(newerKey, PLACE, TEXT)),
  ),
  swap('rolled-back-relabelled', 'The same after writing the older version into it', ({ key, newerKey }) =>
    decryptField(key, PLACE, splice(encryptField(newerKey, PLACE, TEXT), key.header, 0, COMMITMENT_AT)),
  ),

  damaged(
    'flipped-header',
    [22, 23],
    'Opening it with each single bit of format and key version changed',
    (envelope) => bitFlips(envelope, 0, COMMITMENT_AT),
  ),
  damaged(
    'flipped-commitment',
    [24],
    "Opening it with each single bit of the key's mark changed",
    (envelope) => bitFlips(envelope, COMMITMENT_AT, IV_AT),
  ),
  damaged('flipped-iv', [22], 'Opening it with each single bit of the IV changed', (envelope) =>
    bitFlips(envelope, IV_AT, TEXT_AT),
  ),
  damaged('flipped-text', [22], 'Opening it with each single bit of the encrypted text changed', (envelope) =>
    bitFlips(envelope, TEXT_AT, envelope.length - TAG_BYTES),
  ),
  damaged('flipped-tag', [22], 'Opening it with each single bit of the tag changed', (envelope) =>
    bitFlips(envelope, envelope.length - TAG_BYTES),
  ),
  damaged('truncated', [22], 'Opening it cut at every length', truncations),
  damaged(
    'short-tag',
    [22],
    'Opening it with a tag of 15, 14, 13, 12, 8 and 4 bytes, which Node would take',
    (envelope) => [1, 2, 3, 4, 8, 12].map((fewer) => envelope.subarray(0, envelope.length - fewer)),
  ),
  damaged('extended', [22], 'Opening it with bytes behind it', (envelope) =>
    [1, 12, 16, 100].map((more) => Buffer.concat([envelope, Buffer.alloc(more)])),
  ),
  damaged('empty', [22], 'Opening nothing, and an envelope of zeros', () => [
    Buffer.alloc(0),
    Buffer.alloc(ENVELOPE_OVERHEAD_BYTES),
    Buffer.alloc(ENVELOPE_OVERHEAD_BYTES, 0xff),
  ]),
  damaged(
    'spliced',
    [22, 24],
    'Opening it with parts of another envelope of the same place',
    (envelope, { key }) => {
      const other = encryptField(key, PLACE, TEXT.toUpperCase());
      return [
        splice(envelope, other, IV_AT, TEXT_AT),
        splice(envelope, other, TEXT_AT, envelope.length - TAG_BYTES),
        splice(envelope, other, envelope.length - TAG_BYTES, envelope.length),
      ];
    },
  ),
  damaged(
    'two-keys',
    [24],
    'Opening it with the marks of every other key in its place, so that one text would have two keys',
    (envelope, all) =>
      [all.branchKey, all.newerKey, all.otherKey].map(({ header }) =>
        splice(envelope, header, COMMITMENT_AT, IV_AT),
      ),
  ),

  {
    id: 'wrong-key/envelope/iv-repeats',
    isolation: [22],
    tried: 'Sealing the same text 2,000 times and looking for an IV or an envelope that comes twice',
    expected: 'none',
    run: async (stage) => {
      const { key } = await sealed(stage);
      const ivs = Array.from({ length: 2_000 }, () =>
        encryptField(key, PLACE, TEXT).subarray(IV_AT, TEXT_AT).toString('hex'),
      );
      return new Set(ivs).size === ivs.length ? held('2,000 different ones') : leaked('an IV was used twice');
    },
  },
  {
    id: 'wrong-key/envelope/version-claims',
    isolation: [23],
    tried: 'Asking for a key version that does not exist by writing it into an envelope',
    expected: 'there is no such key',
    run: async (stage) => {
      const { envelope } = await sealed(stage);
      const { tenantA } = await runKeys(stage);
      const claimed = Buffer.from(envelope);
      claimed.writeUInt32BE(77, 1);
      return mustRefuse(
        () => stage.keys.tenantKeys.load(tenantA, envelopeKeyVersion(claimed)),
        ['key_not_found'],
      );
    },
  },
  {
    id: 'wrong-key/blind-index/linked',
    isolation: [23, 37],
    tried:
      'Looking for the same person at two clinics, and at two tenants, by the search index of the name and the phone',
    expected: 'nothing links them',
    run: async (stage): Promise<Outcome> => {
      const keys = await runKeys(stage);
      const indexes = [
        blindIndex(keys.a, stage.a.clinicId),
        blindIndex(keys.a, stage.branch.clinicId),
        blindIndex(keys.b, stage.b.clinicId),
        blindIndex(keys.b, stage.a.clinicId),
      ].flatMap((index) => [
        index.name('Canary Canaria').toString('hex'),
        index.phone('+34600000000').toString('hex'),
      ]);
      return new Set(indexes).size === indexes.length
        ? held('all different')
        : leaked('two indexes are equal');
    },
  },
];
