import { expect, test } from 'vitest';
import { HERE, momentNow, SLUG, THERE, useMovedClinic } from './moves/moved-clinic.js';

const clinic = useMovedClinic();
const { project } = clinic;

const addService = (cell: string, name: string) =>
  project.cell(
    cell,
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, $2, 30)`,
    [clinic.ids.clinicId, name],
  );
const services = async (cell: string): Promise<string[]> =>
  (
    await project.cell<{ name: string }>(
      cell,
      `SELECT name FROM clinical.services WHERE clinic_id = $1 AND name LIKE 'of %' ORDER BY name`,
      [clinic.ids.clinicId],
    )
  ).map(({ name }) => name);
const restoreTo = (moment: string) =>
  project.json([
    'backups',
    'restore',
    SLUG,
    '--table',
    'clinical.services',
    '--to',
    moment,
    '--confirm',
    SLUG,
  ]);

test('a moment before a move, in it, and before its rollback comes out of the cell that was the home then', async () => {
  await addService(HERE, 'of the first home');
  const first = await momentNow();
  await clinic.killAt('rows-copied', ['tenants', 'move', SLUG, '--to', THERE, '--yes']);
  const copied = await momentNow();
  expect(await clinic.finish(['tenants', 'move', SLUG, '--to', THERE, '--yes'])).toEqual([]);
  await addService(THERE, 'of the second home');
  const second = await momentNow();

  for (const moment of [first, copied]) {
    await restoreTo(moment);
    expect(await services(THERE)).toEqual(['of the first home']);
    await addService(THERE, 'of the second home, again');
  }
  await restoreTo(second);
  expect(await services(THERE)).toEqual(['of the first home', 'of the second home']);

  expect(await clinic.finish(['operations', 'rollback', (await clinic.move())?.id ?? '', '--yes'])).toEqual(
    [],
  );
  await project.cell(HERE, `DELETE FROM clinical.services WHERE clinic_id = $1 AND name LIKE 'of %'`, [
    clinic.ids.clinicId,
  ]);
  await restoreTo(second);
  expect(await services(HERE)).toEqual(['of the first home', 'of the second home']);
  await restoreTo(first);
  expect(await services(HERE)).toEqual(['of the first home']);
});

test('a moment at which it had no home yet is refused in words, and nothing is changed', async () => {
  const before = await services(HERE);
  const { status, stderr } = await project.run([
    ...['backups', 'restore', SLUG, '--to', '2020-01-01T00:00:00Z', '--yes'],
  ]);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/\[(backup_not_found|tenant_not_found)\].*\n\s+fix:/);
  expect(await services(HERE)).toEqual(before);
});
