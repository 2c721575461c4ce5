import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { backupSchedules } from '../../../control-plane/backups/schedules.js';
import { useDatabase } from '../../support/cell-database.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
const NIGHTLY = {
  cron: '15 2 * * *',
  timeZone: 'Europe/Madrid',
  retentionDays: 14,
  retentionWeeks: 8,
  retentionMonths: 12,
  rpoMinutes: 1_440,
};

it('a tenant has one schedule: it is put, changed whole, and deleted, and its neighbour keeps its own', async () => {
  const schedules = backupSchedules(control.admin);
  const [{ id }, neighbour] = [
    await registered(control.admin, 'programada'),
    await registered(control.admin, 'vecina'),
  ];
  expect(await schedules.get(id)).toBeUndefined();
  for (const tenant of [id, neighbour.id]) await schedules.put(tenant, NIGHTLY);
  expect(await schedules.get(id)).toEqual(NIGHTLY);
  const hourly = {
    cron: '0 * * * *',
    timeZone: 'UTC',
    retentionDays: 7,
    retentionWeeks: 1,
    retentionMonths: 2,
    rpoMinutes: 60,
  };
  await schedules.put(id, hourly);
  expect(await schedules.get(id)).toEqual(hourly);
  for (let run = 0; run < 2; run++) await schedules.delete(id);
  expect(await schedules.get(id)).toBeUndefined();
  expect(await schedules.get(neighbour.id)).toEqual(NIGHTLY);
});

it('is of a tenant that there is', async () => {
  await expect(backupSchedules(control.admin).put(randomUUID(), NIGHTLY)).rejects.toMatchObject({
    code: '23503',
  });
});
