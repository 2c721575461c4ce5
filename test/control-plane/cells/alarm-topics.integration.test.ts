import { beforeEach, describe, expect, test } from 'vitest';
import { infrastructureOf, tellAlarmsTo } from '../../../control-plane/cells/infrastructure.js';
import { getCell, recordCell } from '../../../control-plane/cells/store.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { madeInAws } from '../../support/aws/cell-inputs.js';
import { useDatabase } from '../../support/cell-database.js';

const REGION = 'eu-west-1';
const topic = (region: string): string => `arn:aws:sns:${region}:123456789012:alarms`;

describe('the topics that alarms of a cell tell', () => {
  const control = useDatabase('control');
  const tell = (name: string, topics: string[], options = {}) =>
    tellAlarmsTo({ control: control.admin }, name, topics, options);
  const topicsOf = async (name: string) => infrastructureOf(await getCell(control.admin, name))?.alarmTopics;

  beforeEach(async () => {
    await control.admin.query('TRUNCATE control.cells CASCADE');
    const cell = { name: 'clinics', tier: 'shared' as const, region: REGION };
    await recordCell(control.admin, { ...cell, ...madeInAws() });
    await recordCell(control.admin, { ...cell, name: 'here', ...DEFAULT_PLACE });
  });

  test('are recorded for a cell that is there, changed, and taken back', async () => {
    expect(await topicsOf('clinics')).toBeUndefined();
    await tell('clinics', [topic(REGION)]);
    expect(await topicsOf('clinics')).toEqual([topic(REGION)]);
    await tell('clinics', []);
    expect(await topicsOf('clinics')).toEqual([]);
  });

  test('are refused abroad, and where Ringfence makes no alarms; nothing is recorded', async () => {
    for (const region of ['eu-west-2', 'eu-central-1'])
      await expect(tell('clinics', [topic(region)])).rejects.toThrow('a topic is in the region of the cell');
    expect(await topicsOf('clinics')).toBeUndefined();
    await expect(tell('here', [topic(REGION)])).rejects.toMatchObject({ code: 'usage' });
    await expect(tell('unknown', [topic(REGION)])).rejects.toMatchObject({ code: 'usage' });
    await tell('unknown', [topic(REGION)], { isNew: true });
  });
});
