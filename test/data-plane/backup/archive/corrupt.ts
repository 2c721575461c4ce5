import { createHash } from 'node:crypto';
import { RingfenceError } from '../../../../core/errors.js';
import { openChunkIndex } from '../../../../data-plane/backup/archive/chunk-index.js';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import { type Random, randomFrom } from '../../../../data-plane/demo/random.js';
import { TENANT_A, TENANT_B } from '../../keys/samples.js';
import { buildArchive, KEY, sourceOf, splitArchive } from './build.js';

/** A backup in a store that somebody has written to. */
interface Stored {
  readonly tenantId: string;
  readonly backupId: string;
  readonly archive: Buffer;
}

const KEYS = { [TENANT_A]: KEY, [TENANT_B]: Buffer.alloc(32, 9) } as const;
const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const noise = (seed: string, bytes: number): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();

/** Of two tenants a full backup and two that build on it each. */
const storedBackups = async (): Promise<Stored[]> => {
  const stored: Stored[] = [];
  for (const tenantId of [TENANT_A, TENANT_B] as const) {
    let rows = noise(tenantId, 20_000);
    let previous: Parameters<typeof buildArchive>[1] = {};
    for (let day = 0; day < 3; day++) {
      const backupId = idOf(stored.length + 1);
      const header = { tenantId, backupId, keyVersion: 1 };
      const options = { key: KEYS[tenantId], header, chunkBytes: 4_096, ...previous };
      const { archive, manifestPlace } = await buildArchive(
        { 'clinical.patients': rows, 'clinical.visits': rows.subarray(0, 5_000) },
        options,
      );
      stored.push({ tenantId, backupId, archive });
      const index = await openChunkIndex({
        source: sourceOf(archive),
        key: KEYS[tenantId],
        expected: { tenantId, backupId, keyVersion: 1 },
        manifestPlace,
      });
      previous = { previous: index };
      rows = Buffer.concat([rows.subarray(0, 7_000), noise(`${day}`, 400), rows.subarray(7_100)]);
    }
  }
  return stored;
};

type Corruption = (archive: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const splice = (archive: Buffer, at: number, removed: number, added: Buffer): Buffer =>
  Buffer.concat([archive.subarray(0, at), added, archive.subarray(at + removed)]);

const exchanged = (records: readonly Buffer[], one: number, other: number): Buffer[] =>
  records.map((record, at) => (at === one ? records[other] : at === other ? records[one] : record) as Buffer);

/** What can happen to an archive, by accident or by somebody who may write to the store and has no key. */
const CORRUPTIONS: Readonly<Record<string, Corruption>> = {
  flip: (archive, random) => {
    const flipped = Buffer.from(archive);
    const at = random.between(0, archive.length - 1);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.between(0, 7)), at);
    return flipped;
  },
  truncate: (archive, random) => archive.subarray(0, random.between(0, archive.length - 1)),
  append: (archive, random) =>
    Buffer.concat([archive, noise(`${random.between(0, 1e9)}`, random.between(1, 200))]),
  cutOut: (archive, random) =>
    splice(archive, random.between(0, archive.length - 2), random.between(1, 100), Buffer.alloc(0)),
  slipIn: (archive, random) =>
    splice(archive, random.between(0, archive.length - 1), 0, noise(`${random.between(0, 1e9)}`, 37)),
  reorder: (archive, random) => {
    const { start, records } = splitArchive(archive);
    const one = random.between(0, records.length - 2);
    return Buffer.concat([start, ...exchanged(records, one, random.between(one + 1, records.length - 1))]);
  },
  repeat: (archive, random) => {
    const { start, records } = splitArchive(archive);
    const at = random.between(0, records.length - 1);
    return Buffer.concat([start, ...records.slice(0, at + 1), ...records.slice(at)]);
  },
  leaveOut: (archive, random) => {
    const { start, records } = splitArchive(archive);
    const at = random.between(0, records.length - 1);
    return Buffer.concat([start, ...records.filter((_, position) => position !== at)]);
  },
  swapArchive: (_, random, others) => random.pick(others),
  swapRecord: (archive, random, others) => {
    const { start, records } = splitArchive(archive);
    const foreign = splitArchive(random.pick(others)).records;
    const at = random.between(0, records.length - 1);
    return Buffer.concat([
      start,
      ...records.map((record, position) => (position === at ? (random.pick(foreign) as Buffer) : record)),
    ]);
  },
  swapStart: (archive, random, others) =>
    Buffer.concat([splitArchive(random.pick(others)).start, ...splitArchive(archive).records]),
};

/** How many of so many corrupted backups were refused, by kind. Whoever opens one that is not refused is told which. */
export const corrupt = async (
  count: number,
  seed: number,
): Promise<{ readonly refused: Record<string, number>; readonly opened: string[] }> => {
  const stored = await storedBackups();
  const random = randomFrom('corruptions', seed);
  for (const whole of stored)
    if ((await outcomeOf(stored, whole, whole.archive)) !== 'opened')
      throw new Error('a whole one does not open');
  const refused: Record<string, number> = {};
  const opened: string[] = [];
  for (let tried = 0; tried < count; ) {
    const kind = random.pick(Object.keys(CORRUPTIONS));
    const victim = random.pick(stored);
    const others = stored.filter((other) => other !== victim).map(({ archive }) => archive);
    const altered = CORRUPTIONS[kind]?.(victim.archive, random, others) ?? victim.archive;
    if (altered.equals(victim.archive)) continue;
    tried += 1;
    const outcome = await outcomeOf(stored, victim, altered);
    if (outcome === 'refused') refused[kind] = (refused[kind] ?? 0) + 1;
    else opened.push(`${tried} ${kind}: ${outcome}`);
  }
  return { refused, opened };
};

const outcomeOf = async (stored: readonly Stored[], victim: Stored, altered: Buffer): Promise<string> => {
  const { tenantId, backupId } = victim;
  const key = KEYS[tenantId as keyof typeof KEYS];
  const sourceOfId = (id: string) =>
    sourceOf(stored.find((other) => other.backupId === id)?.archive ?? Buffer.alloc(0));
  try {
    await openArchive({
      source: sourceOf(altered),
      key,
      expected: { tenantId, backupId },
      sourceOf: sourceOfId,
    });
    return 'opened';
  } catch (error) {
    return error instanceof RingfenceError && error.code === 'backup_refused' ? 'refused' : String(error);
  }
};
