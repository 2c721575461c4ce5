import { beforeEach, describe, expect, test } from 'vitest';
import {
  changeInfrastructure,
  type InfrastructureChange,
} from '../../../control-plane/cells/change-infrastructure.js';
import { infrastructureOf } from '../../../control-plane/cells/infrastructure.js';
import { getCell, recordCell } from '../../../control-plane/cells/store.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { madeInAws, WORKER } from '../../support/aws/cell-inputs.js';
import { useDatabase } from '../../support/cell-database.js';

const REGION = 'eu-west-1';
const topic = (region: string): string => `arn:aws:sns:${region}:123456789012:alarms`;

describe('what a cell has in AWS, changed later', () => {
  const control = useDatabase('control');
  const change = (name: string, to: InfrastructureChange, options = {}) =>
    changeInfrastructure({ control: control.admin }, name, to, options);
  const tell = (name: string, alarmTopics: string[], options = {}) => change(name, { alarmTopics }, options);
  const made = async (name: string) => infrastructureOf(await getCell(control.admin, name));
  const topicsOf = async (name: string) => (await made(name))?.alarmTopics;
  const workerOf = async (name: string) => (await made(name))?.worker;

  beforeEach(async () => {
    await control.admin.query('TRUNCATE control.cells CASCADE');
    const cell = { name: 'clinics', tier: 'shared' as const, region: REGION };
    await recordCell(control.admin, { ...cell, ...madeInAws() });
    await recordCell(control.admin, { ...cell, name: 'here', ...DEFAULT_PLACE });
  });

  test('topics of alarms are recorded for a cell that is there, changed, and taken back', async () => {
    expect(await topicsOf('clinics')).toBeUndefined();
    await tell('clinics', [topic(REGION)]);
    expect(await topicsOf('clinics')).toEqual([topic(REGION)]);
    await tell('clinics', []);
    expect(await topicsOf('clinics')).toEqual([]);
  });

  test('topics abroad are refused, and any where Ringfence makes no alarms; nothing is recorded', async () => {
    for (const region of ['eu-west-2', 'eu-central-1'])
      await expect(tell('clinics', [topic(region)])).rejects.toThrow('a topic is in the region of the cell');
    expect(await topicsOf('clinics')).toBeUndefined();
    await expect(tell('here', [topic(REGION)])).rejects.toMatchObject({ code: 'usage' });
    await expect(tell('unknown', [topic(REGION)])).rejects.toMatchObject({ code: 'usage' });
    await tell('unknown', [topic(REGION)], { isNew: true });
  });

  test('a worker comes, gets another image with its secrets kept, and goes', async () => {
    await change('clinics', { worker: WORKER });
    expect(await workerOf('clinics')).toEqual(WORKER);
    const image = WORKER.image.replace(/[0-9a-f]{64}$/, 'f'.repeat(64));
    await change('clinics', { worker: { image } });
    expect(await workerOf('clinics')).toEqual({ image, secrets: WORKER.secrets });
    await change('clinics', { worker: { secrets: {} } });
    expect(await workerOf('clinics')).toEqual({ image, secrets: {} });
    await tell('clinics', [topic(REGION)]);
    expect(await workerOf('clinics')).toEqual({ image, secrets: {} });
    await change('clinics', { worker: { image: null } });
    expect(await workerOf('clinics')).toBeUndefined();
  });

  test.each<[string, InfrastructureChange['worker'], string]>([
    ['an image by its tag', { image: WORKER.image.replace(/@.*/, ':latest') }, 'by its digest'],
    [
      'an image in another region',
      { image: WORKER.image.replace('eu-west-1', 'us-east-1') },
      'in the region of the cell',
    ],
    [
      'an image of another registry',
      { image: `docker.io/x/y@sha256:${'f'.repeat(64)}` },
      'is an image in ECR',
    ],
    [
      'a secret in another region',
      {
        ...WORKER,
        secrets: { RINGFENCE_X: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-a1B2c3' },
      },
      'a secret of the worker is in the region of the cell',
    ],
    [
      'a variable that is none of ours',
      { ...WORKER, secrets: { NODE_OPTIONS: Object.values(WORKER.secrets)[0] ?? '' } },
      'a variable is a setting of Ringfence',
    ],
    [
      'a bucket in a secret',
      { ...WORKER, secrets: { RINGFENCE_OBJECTS: Object.values(WORKER.secrets)[0] ?? '' } },
      'a variable is a setting of Ringfence',
    ],
    ['secrets of no worker', { secrets: WORKER.secrets }, 'has none'],
  ])('%s is refused; nothing is recorded', async (_, worker, reason) => {
    await expect(change('clinics', worker === undefined ? {} : { worker })).rejects.toThrow(reason);
    expect(await workerOf('clinics')).toBeUndefined();
  });
});
