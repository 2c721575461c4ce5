import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  chooseBackup,
  lastGoodBackups,
  listAbandonedBackups,
  listAllBackups,
  listBackupCells,
  listBackups,
  listRemovable,
  recordBackupExpired,
  recordBackupFailed,
  recordBackupRemoved,
  recordBackupStart,
  recordBackupStored,
  recordBackupVerified,
} from '../../../control-plane/backups/store.js';
import { useDatabase } from '../../support/cell-database.js';

const control = useDatabase('control');

const begun = async (tenantId: string, cell = 'one'): Promise<string> => {
  const id = randomUUID();
  await recordBackupStart(control.admin, {
    id,
    tenantId,
    cell,
    keyVersion: 1,
    place: 'folder',
    objectKey: `${tenantId}/${id}.backup`,
  });
  return id;
};
const stored = async (tenantId: string, bases: readonly string[] = []): Promise<string> => {
  const id = await begun(tenantId);
  await recordBackupStored(control.admin, id, {
    rows: 3,
    storedBytes: 700,
    digest: 'd1',
    manifestPlace: { startByte: 12, record: 2 },
    bases,
  } as Parameters<typeof recordBackupStored>[2]);
  return id;
};
const verified = async (tenantId: string, bases?: readonly string[]): Promise<string> => {
  const id = await stored(tenantId, bases);
  await recordBackupVerified(control.admin, id);
  return id;
};
const ids = (backups: readonly { readonly id: string }[]): string[] => backups.map(({ id }) => id);

describe('a recorded backup', () => {
  it('is running, stored, verified; what was not finished is known as abandoned', async () => {
    const tenantId = randomUUID();
    const id = await verified(tenantId);
    const killed = await begun(tenantId);
    expect(ids(await listAbandonedBackups(control.admin, tenantId))).toEqual([killed]);
    await recordBackupFailed(control.admin, killed);
    expect(await listAbandonedBackups(control.admin, tenantId)).toEqual([]);
    const backups = await listBackups(control.admin, tenantId);
    expect(ids(backups)).toEqual([killed, id]);
    expect(backups[1]).toMatchObject({
      state: 'verified',
      kind: 'full',
      rows: 3,
      sizeBytes: 700,
      digest: 'd1',
      finishedAt: expect.any(Date),
      verifiedAt: expect.any(Date),
    });
  });

  it('is chosen by its id, or eight characters of it; without one it is the newest verified', async () => {
    const tenantId = randomUUID();
    await expect(chooseBackup(control.admin, tenantId)).rejects.toMatchObject({
      code: 'backup_not_found',
      fix: 'take one with `ringfence backups run`',
    });
    const unproven = await stored(tenantId);
    expect((await chooseBackup(control.admin, tenantId)).id).toBe(unproven);
    const good = await verified(tenantId);
    const newer = await stored(tenantId);
    expect((await chooseBackup(control.admin, tenantId)).id).toBe(good);
    expect((await chooseBackup(control.admin, tenantId, newer.slice(0, 8))).id).toBe(newer);
    await expect(chooseBackup(control.admin, tenantId, newer.slice(0, 7))).rejects.toMatchObject({
      code: 'backup_not_found',
    });
    const foreign = await verified(randomUUID());
    await expect(chooseBackup(control.admin, tenantId, foreign)).rejects.toMatchObject({
      code: 'backup_not_found',
    });
    await recordBackupExpired(control.admin, good);
    await expect(chooseBackup(control.admin, tenantId, good)).rejects.toMatchObject({
      code: 'backup_not_found',
    });
  });

  it('that others refer to is not removed while one of them can be restored', async () => {
    const tenantId = randomUUID();
    const base = await verified(tenantId);
    const later = await verified(tenantId, [base]);
    expect((await chooseBackup(control.admin, tenantId, later)).kind).toBe('incremental');
    await recordBackupExpired(control.admin, base);
    expect(await listRemovable(control.admin, tenantId)).toEqual([]);
    await recordBackupExpired(control.admin, later);
    expect(ids(await listRemovable(control.admin, tenantId)).sort()).toEqual([base, later].sort());
    for (const id of [base, later]) await recordBackupRemoved(control.admin, id);
    expect(await listRemovable(control.admin, tenantId)).toEqual([]);
    expect(await listBackups(control.admin, tenantId)).toEqual([]);
    expect(ids(await listAllBackups(control.admin, tenantId))).toEqual([base, later]);
  });

  it('counts as the last good one when it is verified, a tenant each', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    await verified(one);
    await stored(other);
    const last = await lastGoodBackups(control.admin);
    expect(last.get(one)).toBeInstanceOf(Date);
    expect(last.has(other)).toBe(false);
  });

  it('names its cell for ever', async () => {
    const tenantId = randomUUID();
    for (const cell of ['two', 'one', 'two'])
      await recordBackupExpired(control.admin, await begun(tenantId, cell));
    expect(await listBackupCells(control.admin, tenantId)).toEqual(['one', 'two']);
  });
});
