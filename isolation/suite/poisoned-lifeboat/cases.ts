import { RingfenceError } from '../../../core/errors.js';
import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import type { Section } from '../../../data-plane/backup/tenant/sections.js';
import { takeBackup } from '../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../data-plane/backup/tenant/verify.js';
import { inTransaction } from '../../../data-plane/database/connect.js';
import { canaryId } from '../canary-ids.js';
import type { Outcome, SuiteCase } from '../case.js';
import { digestRows } from '../digest.js';
import { held, leaked, unproven } from '../judge.js';
import { memoryStore } from '../memory-store.js';
import type { Stage } from '../stage.js';
import { craft, forge, keyOf, splitArchive } from './archives.js';
import { bytesMustBeRefused, type Lifeboat, lifeboat, mustBeRefused } from './attempts.js';

const REFUSED = 'refused before the first row is written';

const tampered = (
  id: string,
  tried: string,
  tamper: (lifeboat: Lifeboat, stage: Stage) => Buffer[],
  isolation: readonly number[] = [27, 29],
): SuiteCase => ({
  id: `poisoned-lifeboat/archive/${id}`,
  isolation,
  tried,
  expected: REFUSED,
  run: async (stage) => {
    const boat = await lifeboat(stage);
    return bytesMustBeRefused(stage, boat.first.place, tamper(boat, stage));
  },
});

const joined = (start: Buffer, records: readonly Buffer[]): Buffer => Buffer.concat([start, ...records]);

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at);
  return copy;
};

/** Bytes of the start, of each record's beginning and end, and others by chance. */
const flipPlaces = (bytes: Buffer, { random }: Stage): number[] => {
  const { start, records } = splitArchive(bytes);
  const places = Array.from({ length: start.length }, (_, at) => at);
  let at = start.length;
  for (const record of records) {
    places.push(at, at + 3, at + 4, at + record.length - 1);
    at += record.length;
  }
  for (let more = 0; more < 100; more++) places.push(random.between(0, bytes.length - 1));
  return places;
};

export const TAMPERED: readonly SuiteCase[] = [
  tampered('empty', 'Restoring an empty file', () => [Buffer.alloc(0)], [28, 29]),
  tampered('not-an-archive', 'Restoring files that are no archives (another format, noise, zeros)', () => [
    Buffer.from('PGDMP'),
    Buffer.alloc(5_000, 0x5a),
    Buffer.alloc(5_000),
  ]),
  tampered(
    'start-only',
    'Restoring an archive without a single record',
    ({ first }) => [splitArchive(first.bytes).start],
    [28, 29],
  ),
  tampered('truncated-records', 'Restoring an archive cut after every record', ({ first }) => {
    const { start, records } = splitArchive(first.bytes);
    return records.map((_, at) => joined(start, records.slice(0, at)));
  }),
  tampered(
    'truncated',
    'Restoring an archive cut at lengths chosen by chance, and by one byte',
    ({ first }, { random }) => [
      first.bytes.subarray(0, -1),
      ...Array.from({ length: 40 }, () => first.bytes.subarray(0, random.between(0, first.bytes.length - 1))),
    ],
  ),
  tampered(
    'flipped',
    'Restoring an archive with one bit changed: in every byte of its start, at the edges of every record, and at 100 places by chance',
    ({ first }, stage) =>
      flipPlaces(first.bytes, stage).map((at) => flipped(first.bytes, at, stage.random.between(0, 7))),
  ),
  tampered('reordered', 'Restoring an archive with any two neighbouring records exchanged', ({ first }) => {
    const { start, records } = splitArchive(first.bytes);
    return records.slice(1).map((_, at) => {
      const swapped = [...records];
      swapped.splice(at, 2, records[at + 1] as Buffer, records[at] as Buffer);
      return joined(start, swapped);
    });
  }),
  tampered('left-out', 'Restoring an archive with any one record left out', ({ first }) => {
    const { start, records } = splitArchive(first.bytes);
    return records.map((_, at) =>
      joined(
        start,
        records.filter((__, index) => index !== at),
      ),
    );
  }),
  tampered('repeated', 'Restoring an archive with any one record repeated', ({ first }) => {
    const { start, records } = splitArchive(first.bytes);
    return records.map((record, at) =>
      joined(start, [...records.slice(0, at), record, ...records.slice(at)]),
    );
  }),
  tampered(
    'appended',
    'Restoring an archive with something behind its end: a byte, a record, itself',
    ({ first }) => {
      const { records } = splitArchive(first.bytes);
      return [Buffer.alloc(1), records.at(-1) ?? Buffer.alloc(9), first.bytes].map((tail) =>
        Buffer.concat([first.bytes, tail]),
      );
    },
  ),
  tampered(
    'spliced',
    'Restoring an archive with records of another backup of the same tenant in it',
    ({ first, second }) => {
      const [mine, theirs] = [splitArchive(first.bytes), splitArchive(second.bytes)];
      return mine.records.map((_, at) =>
        joined(mine.start, [...mine.records.slice(0, at), ...theirs.records.slice(at)]),
      );
    },
  ),
  tampered(
    'other-start',
    'Restoring the records of one backup behind the start of another',
    ({ first, second }) => [joined(splitArchive(second.bytes).start, splitArchive(first.bytes).records)],
  ),
  tampered(
    'replayed',
    'Restoring an older backup of the tenant in the place of a newer one',
    ({ second }) => [second.bytes],
  ),
  tampered(
    'foreign',
    "Restoring another tenant's archive in the place of the own one",
    ({ foreign }) => [foreign.bytes],
    [29],
  ),
  tampered(
    'foreign-relabelled',
    "Restoring another tenant's archive after writing the own tenant and backup into its start",
    ({ first, foreign }) => [
      Buffer.from(
        foreign.bytes
          .toString('latin1')
          .replaceAll(foreign.place.tenantId, first.place.tenantId)
          .replaceAll(foreign.place.backupId, first.place.backupId),
        'latin1',
      ),
    ],
    [29],
  ),
  {
    id: 'poisoned-lifeboat/archive/other-key',
    isolation: [27, 29],
    tried: "Opening a tenant's archive with another tenant's key",
    expected: REFUSED,
    run: async (stage) => {
      const { first, restores } = await lifeboat(stage);
      if (!restores) return unproven('a sound backup does not restore here either');
      return mustBeRefused(stage, { ...first.place, key: await keyOf(stage, stage.b.tenantId) });
    },
  },
];

const NAMES: ReadonlyArray<readonly [id: string, what: string, name: string]> = [
  ['newline', 'a name with a line break', 'clinical.staff\nDROP'],
  ['absolute', 'an absolute path as name', '/etc/passwd'],
  ['parent', 'a path to the folder above as name', '../../secrets'],
  ['quote', 'SQL in its name', 'clinical.staff"; DROP TABLE clinical.staff; --'],
  ['space', 'a space in its name', 'clinical. staff'],
  ['upper', 'upper-case letters in its name', 'CLINICAL.STAFF'],
  ['unicode', 'letters in its name that only look the same', 'clinical.ѕtaff'],
  ['zero', 'a zero byte in its name', 'clinical.staff\0'],
  ['long', 'a name of 10,000 letters', 'a'.repeat(10_000)],
  ['nothing', 'no name', ''],
  ['tenants', "the name of the cell's list of tenants", 'ringfence.tenants'],
  ['keys', 'the name of the table of signing keys', 'ringfence_private.context_keys'],
  ['roles', "the name of Postgres' table of passwords", 'pg_catalog.pg_authid'],
  ['unknown', 'the name of a table that does not exist', 'clinical.canary_unknown'],
];

/** Archives that someone who has the tenant's key made by hand. */
export const HOSTILE: readonly SuiteCase[] = [
  ...NAMES.map(([id, what, name]) => ({
    id: `poisoned-lifeboat/name/${id}`,
    isolation: [29],
    tried: `Restoring a well-sealed archive, made by hand, with ${what}`,
    expected: REFUSED,
    run: async (stage: Stage) => {
      const { first } = await lifeboat(stage);
      return bytesMustBeRefused(stage, first.place, [await craft(first.place, name)]);
    },
  })),
  forged('other-rows', "with rows of another tenant's clinic in a table", (section, { a, b }) => ({
    ...section,
    query: section.name.startsWith('ringfence.')
      ? section.query
      : section.query.replaceAll(a.clinicId, b.clinicId),
  })),
  forged('other-clinic', "that claims another tenant's clinic", (section, { a, b }) =>
    section.name === 'ringfence.clinics'
      ? { ...section, query: `SELECT '${b.clinicId}'::uuid AS id, '${a.tenantId}'::uuid AS tenant_id` }
      : section,
  ),
  forged('other-tenants-clinics', "that lists another tenant's clinics", (section, { a, b }) =>
    section.name === 'ringfence.clinics'
      ? { ...section, query: section.query.replaceAll(a.tenantId, b.tenantId) }
      : section,
  ),
  forged('unknown-clinic', 'that claims a clinic which does not exist', (section, { a }) =>
    section.name === 'ringfence.clinics'
      ? { ...section, query: `SELECT '${canaryId()}'::uuid AS id, '${a.tenantId}'::uuid AS tenant_id` }
      : section,
  ),
  forged('no-clinics', 'that does not say of which clinics it is', (section) =>
    section.name === 'ringfence.clinics' ? undefined : section,
  ),
  forged('no-columns', 'that does not say which columns it has', (section) =>
    section.name === 'ringfence.columns' ? undefined : section,
  ),
  forged('garbled', 'with bytes in a table that are no rows of it', (section, stage) =>
    section.name === stage.tables[0]?.title ? { ...section, query: 'SELECT 1::int AS n' } : section,
  ),
  forged('twice', 'with every row of a table twice', (section, stage) =>
    section.name === stage.tables[0]?.title
      ? { ...section, query: `(${section.query}) UNION ALL (${section.query})` }
      : section,
  ),
];

function forged(
  id: string,
  what: string,
  change: (section: Section, stage: Stage) => Section | undefined,
): SuiteCase {
  return {
    id: `poisoned-lifeboat/forged/${id}`,
    isolation: [29],
    tried: `Restoring a well-sealed archive, made by hand, ${what}`,
    expected: REFUSED,
    run: async (stage) => {
      const { first, restores } = await lifeboat(stage);
      if (!restores) return unproven('a sound backup does not restore here either');
      const store = memoryStore();
      await forge(stage, first.place, store, (section) => change(section, stage));
      return mustBeRefused(stage, { ...first.place, store });
    },
  };
}

const BACKUP_REFUSALS = new Set(['backup_empty', 'backup_refused', 'database_refused', 'tenant_not_found']);

const refusedBackup = (
  id: string,
  tried: string,
  change: (stage: Stage) => Partial<Parameters<typeof takeBackup>[0]>,
): SuiteCase => ({
  id: `poisoned-lifeboat/backup/${id}`,
  isolation: [18, 28],
  tried,
  expected: 'the backup fails, and nothing is stored',
  run: async (stage): Promise<Outcome> => {
    const { first } = await lifeboat(stage);
    const store = memoryStore();
    const { admin, app, contextKey, now } = stage.target;
    try {
      await takeBackup({ ...first.place, store, admin, app, contextKey, now, ...change(stage) });
      return leaked('a backup was taken');
    } catch (error) {
      if ((await store.stat(first.place.objectKey)) !== undefined)
        return leaked('a broken archive was stored');
      const code = error instanceof RingfenceError ? error.code : 'internal';
      if (!BACKUP_REFUSALS.has(code)) return unproven(`ended with ${code}`);
      return held(`failed (${code}), nothing stored`);
    }
  },
});

/** Backups that policies emptied, and restores beside neighbours. */
export const SOUND: readonly SuiteCase[] = [
  refusedBackup(
    'policies-bind',
    'Backing up as a login that the row policies bind, which would write no rows and look well',
    (stage) => ({
      admin: stage.target.app,
    }),
  ),
  refusedBackup(
    'counts-differ',
    'Backing up while the application cannot count the rows (its token is refused)',
    (stage) => ({
      contextKey: { keyId: stage.target.contextKey.keyId, secret: Buffer.alloc(32, 1) },
    }),
  ),
  refusedBackup('unknown-tenant', 'Backing up a tenant that does not live in this cell', () => ({
    tenantId: canaryId(),
  })),
  {
    id: 'poisoned-lifeboat/restore/verified',
    isolation: [28],
    tried: 'Restoring a sound backup into a scratch copy and comparing digests',
    expected: 'equal',
    run: async (stage) => {
      const { first } = await lifeboat(stage);
      await verifyBackup({ ...first.place, admin: stage.target.admin });
      return held('equal');
    },
  },
  {
    id: 'poisoned-lifeboat/restore/neighbour',
    isolation: [30],
    tried: "Losing a tenant's rows and restoring them beside a neighbour",
    expected: 'the rows are back, and no row of the neighbour was written, not even as it was',
    run: (stage) => restoreBeside(stage, undefined),
  },
  {
    id: 'poisoned-lifeboat/restore/one-table',
    isolation: [30],
    tried: 'Losing all rows and restoring a single table that refers to others',
    expected: 'the rows that it refers to come back too, and no row of the neighbour was written',
    run: (stage) => {
      const child = stage.tables.find(({ parents, title }) => parents.length > 0 && !title.includes('"'));
      return child
        ? restoreBeside(stage, child.title)
        : Promise.resolve(unproven('no table refers to another'));
    },
  },
];

const restoreBeside = async (stage: Stage, table: string | undefined): Promise<Outcome> => {
  const { first, restores } = await lifeboat(stage);
  if (!restores) return unproven('a sound backup does not restore here');
  const own = [stage.a.clinicId, stage.branch.clinicId];
  const others = await digestRows(stage, [stage.b.clinicId], { versions: true });
  const before = await digestRows(stage, own, { versions: false });
  const { admin } = stage.target;
  // Append-only tables are brought back too, by rows that are missing.
  await loseRows(stage, own);
  const lost = await digestRows(stage, own, { versions: false });
  if (table !== undefined) await restoreBackup({ ...first.place, admin, tables: [table], dryRun: false });
  const untouched = (await digestRows(stage, [stage.b.clinicId], { versions: true })) === others;
  const partly = await digestRows(stage, own, { versions: false });
  await restoreBackup({ ...first.place, admin, dryRun: false });
  if (!untouched || (await digestRows(stage, [stage.b.clinicId], { versions: true })) !== others)
    return leaked('rows of the neighbour were written');
  if (lost === before) return unproven('no row was lost to begin with');
  if (table !== undefined && partly === lost) return unproven('nothing came back');
  return held('the rows are back, the neighbour was not written to');
};

const loseRows = (stage: Stage, clinicIds: readonly string[]): Promise<void> =>
  inTransaction(stage.admin, async (admin) => {
    await admin.query('SET LOCAL session_replication_role = replica');
    for (const { name } of stage.tables)
      await admin.query(`DELETE FROM ${name} WHERE clinic_id = ANY ($1::uuid[])`, [clinicIds]);
  });
