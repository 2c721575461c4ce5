import { chownSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RingfenceError } from '../../../tenants/errors.js';
import { makePrivateDir, serverAccount } from '../../database/server/account.js';
import { archiveDir } from '../../database/server/archiving.js';
import { type BaseBackup, baseBackupFiles, listBaseBackups } from '../cell/base-backup.js';
import { isSegmentName, segmentNumber } from '../cell/wal-segments.js';
import {
  fileOfSealed,
  type OffsiteStore,
  openInto,
  openText,
  sealedKey,
  sealFile,
  sealText,
} from './sealed-object.js';

const LOGIN = 'login.json';

/** The superuser of a server, without whose password a recovered copy of it opens to nobody. */
export interface SuperuserLogin {
  readonly superuser: string;
  readonly password: string;
}

/** What of a server's history lies away from its machine. */
export interface OffsiteHistory {
  /** Of the server that wrote it (`pg_control_system()`): segments of two servers have the same names. */
  readonly systemId: string;
  /** When the newest base backup was put there, and the newest piece of the log. */
  readonly baseAt: Date;
  readonly walAt: Date;
  readonly storedBytes: number;
  readonly objects: number;
}

/**
 * Puts what is not there yet of a server's base backups and archived WAL into the store, sealed. A base backup counts once its
 * record is there, which goes last.
 * @returns how many files it put.
 */
export const sendHistory = async (
  offsite: OffsiteStore,
  server: SuperuserLogin & { readonly dataDir: string; readonly systemId: string },
): Promise<number> => {
  const { dataDir, systemId } = server;
  const there = new Set<string>();
  for await (const { key } of offsite.store.list(`${systemId}/`)) there.add(key);
  let sent = 0;
  const send = async (name: string, put: () => Promise<void>): Promise<void> => {
    if (there.has(sealedKey(name))) return;
    await put();
    sent++;
  };
  const { superuser, password } = server;
  await send(`${systemId}/${LOGIN}`, () =>
    sealText(offsite, `${systemId}/${LOGIN}`, JSON.stringify({ superuser, password })),
  );
  for (const base of listBaseBackups(dataDir))
    for (const path of baseBackupFiles(dataDir, base.id)) {
      const name = `${systemId}/base/${base.id}/${path.split('/').at(-1)}`;
      await send(name, () => sealFile(offsite, name, path));
    }
  const folder = archiveDir(dataDir);
  for (const file of (existsSync(folder) ? readdirSync(folder) : [])
    .filter((one) => one.endsWith('.gz'))
    .sort()) {
    const name = `${systemId}/wal/${file}`;
    await send(name, () => sealFile(offsite, name, join(folder, file)));
  }
  return sent;
};

/**
 * Removes from the store what no moment of the window needs any more: whatever comes before the oldest of the base backups
 * that are kept here, and all of servers before this one that was put there before `limit`.
 */
export const forgetHistory = async (
  { store }: OffsiteStore,
  kept: { readonly systemId: string; readonly bases: readonly BaseBackup[]; readonly limit: Date },
): Promise<number> => {
  const [oldest] = kept.bases;
  if (!oldest) return 0;
  const first = segmentNumber(oldest.startSegment, oldest.segmentBytes);
  const doomed: string[] = [];
  for await (const { key, modifiedAt } of store.list('')) {
    const [systemId, kind, id] = fileOfSealed(key)?.split('/') ?? [];
    if (systemId === undefined || !/^[0-9]+$/.test(systemId)) continue;
    const segment = (id ?? '').slice(0, 24);
    const isOlder =
      systemId === kept.systemId
        ? (kind === 'base' && !kept.bases.some((base) => base.id === id) && modifiedAt < kept.limit) ||
          (kind === 'wal' && isSegmentName(segment) && segmentNumber(segment, oldest.segmentBytes) < first)
        : modifiedAt < kept.limit;
    if (isOlder) doomed.push(key);
  }
  for (const key of doomed) await store.delete(key);
  return doomed.length;
};

/** What is there, of the server that put a base backup there last; undefined where there is none. */
export const readOffsite = async (store: OffsiteStore['store']): Promise<OffsiteHistory | undefined> => {
  const found = new Map<string, { baseAt?: Date; walAt?: Date; storedBytes: number; objects: number }>();
  for await (const { key, bytes, modifiedAt } of store.list('')) {
    const [systemId, kind, , file] = fileOfSealed(key)?.split('/') ?? [];
    if (systemId === undefined || kind === undefined || !/^[0-9]+$/.test(systemId)) continue;
    const at = found.get(systemId) ?? { storedBytes: 0, objects: 0 };
    const later = (known: Date | undefined): Date => (known && known > modifiedAt ? known : modifiedAt);
    found.set(systemId, {
      ...at,
      ...(kind === 'base' && file?.endsWith('.json') ? { baseAt: later(at.baseAt) } : {}),
      ...(kind === 'wal' ? { walAt: later(at.walAt) } : {}),
      storedBytes: at.storedBytes + bytes,
      objects: at.objects + 1,
    });
  }
  const whole = [...found].flatMap(([systemId, { baseAt, walAt, ...rest }]) =>
    baseAt ? [{ systemId, baseAt, walAt: walAt ?? baseAt, ...rest }] : [],
  );
  return whole.sort((a, b) => b.baseAt.getTime() - a.baseAt.getTime())[0];
};

/** Brings base backups and WAL of a server back, beside where its data is to lie. What is there already stays. */
export const fetchHistory = async (
  offsite: OffsiteStore,
  systemId: string,
  dataDir: string,
): Promise<void> => {
  const account = serverAccount();
  makePrivateDir(archiveDir(dataDir), account);
  makePrivateDir(join(dirname(dataDir), 'base'), account);
  for await (const { key } of offsite.store.list(`${systemId}/`)) {
    const name = fileOfSealed(key);
    const [, kind, ...rest] = name?.split('/') ?? [];
    if (name === undefined || (kind !== 'base' && kind !== 'wal')) continue;
    const path = join(kind === 'wal' ? archiveDir(dataDir) : join(dirname(dataDir), 'base'), ...rest);
    makePrivateDir(dirname(path), account);
    if (existsSync(path)) continue;
    await openInto(offsite, name, path);
    if (account) chownSync(path, account.uid, account.gid);
  }
};

/** @throws RingfenceError `backup_refused` */
export const fetchLogin = async (offsite: OffsiteStore, systemId: string): Promise<SuperuserLogin> => {
  const login: unknown = JSON.parse(await openText(offsite, `${systemId}/${LOGIN}`));
  const { superuser, password } = login as Partial<SuperuserLogin>;
  if (typeof superuser === 'string' && typeof password === 'string') return { superuser, password };
  throw new RingfenceError('backup_refused', 'the login of the backed-up server is damaged');
};
