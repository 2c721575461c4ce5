import pg from 'pg';
import { describe, expect, it } from 'vitest';
import {
  findCell,
  forgetCell,
  getCell,
  listCells,
  recordCell,
  recordCellDeployment,
  recordCellUndeployed,
  recordHistoryDays,
  tellApplications,
} from '../../../control-plane/cells/store.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { useDatabase } from '../../support/cell-database.js';

const control = useDatabase('control');
const LOCAL = { tier: 'shared', region: 'eu-central-1', ...DEFAULT_PLACE } as const;
const onRds = (rdsInstance: string) => ({ target: 'aws', address: { rdsInstance } });

describe('a recorded cell', () => {
  it('keeps its id when it is recorded again, and is no other than it was', async () => {
    const first = await recordCell(control.admin, { name: 'uno', ...LOCAL });
    expect(first).toMatchObject({ target: 'local', rootKeyId: null, port: null });
    expect(await recordCell(control.admin, { name: 'uno', ...LOCAL })).toEqual(first);
    for (const other of [{ tier: 'dedicated' }, { region: 'eu-west-1' }, onRds('db-1')] as const)
      await expect(recordCell(control.admin, { name: 'uno', ...LOCAL, ...other })).rejects.toMatchObject({
        code: 'conflict',
        message: 'cell uno exists already: shared, in eu-central-1, on this machine',
      });
  });

  it('has an instance of Amazon RDS for itself', async () => {
    const place = { ...LOCAL, ...onRds('db-2') };
    expect(await recordCell(control.admin, { name: 'nube', ...place })).toMatchObject({ target: 'aws' });
    await expect(recordCell(control.admin, { name: 'otra', ...place })).rejects.toMatchObject({
      code: 'conflict',
      message: 'another cell lives on instance db-2 in eu-central-1',
    });
    expect(await findCell(control.admin, 'otra')).toBeUndefined();
  });

  it('is found by its name; who names another is told which there are', async () => {
    await recordCell(control.admin, { name: 'hallada', ...LOCAL });
    expect((await getCell(control.admin, 'hallada')).name).toBe('hallada');
    const names = (await listCells(control.admin)).map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    await expect(getCell(control.admin, 'perdida')).rejects.toMatchObject({
      code: 'cell_not_found',
      fix: `the cells are: ${names.join(', ')}`,
    });
  });

  it('knows its root key, its port and its window until they change, and is forgotten once', async () => {
    await recordCell(control.admin, { name: 'anotada', ...LOCAL });
    await recordCellDeployment(control.admin, 'anotada', { rootKeyId: 'local/anotada/1', port: 21_101 });
    await recordHistoryDays(control.admin, 'anotada', 3);
    expect(await getCell(control.admin, 'anotada')).toMatchObject({
      rootKeyId: 'local/anotada/1',
      port: 21_101,
      historyDays: 3,
    });
    await recordCellUndeployed(control.admin, 'anotada');
    expect(await getCell(control.admin, 'anotada')).toMatchObject({
      port: null,
      rootKeyId: 'local/anotada/1',
    });
    for (let run = 0; run < 2; run++) await forgetCell(control.admin, 'anotada');
    expect(await findCell(control.admin, 'anotada')).toBeUndefined();
  });

  it('has applications look again when they are told', async () => {
    await recordCell(control.admin, { name: 'avisada', ...LOCAL });
    const listener = new pg.Client(control.connection);
    await listener.connect();
    try {
      await listener.query('LISTEN ringfence_directory');
      const told = new Promise<string | undefined>((resolve) =>
        listener.once('notification', ({ payload }) => resolve(payload)),
      );
      await tellApplications(control.admin, 'avisada');
      expect(await told).toBe('cell avisada');
    } finally {
      await listener.end();
    }
  });
});
