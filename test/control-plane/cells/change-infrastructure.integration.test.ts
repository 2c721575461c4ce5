import { beforeEach, describe, expect, test } from 'vitest';
import { changedPlace, effectsOf } from '../../../control-plane/cells/change-infrastructure.js';
import { infrastructureOf, type WantedInfrastructure } from '../../../control-plane/cells/infrastructure.js';
import { findCell, getCell, recordAddress, recordCell } from '../../../control-plane/cells/store.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { madeInAws, WORKER } from '../../support/aws/cell-inputs.js';
import { useDatabase } from '../../support/cell-database.js';

const REGION = 'eu-west-1';
const topic = (region: string): string => `arn:aws:sns:${region}:123456789012:alarms`;

describe('what a cell has in AWS, changed later', () => {
  const control = useDatabase('control');
  const changed = async (name: string, to: WantedInfrastructure) =>
    changedPlace(name, await findCell(control.admin, name), to);
  const change = async (name: string, to: WantedInfrastructure) => {
    const { address, before = {} } = await changed(name, to);
    await recordAddress(control.admin, name, { address, before });
  };
  const tell = (name: string, alarmTopics: string[]) => change(name, { alarmTopics });
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

  test.each<[string, WantedInfrastructure['worker'], string]>([
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

  test('size, zones, operators and copies are changed one by one, and the others stay', async () => {
    const operators = ['arn:aws:iam::123456789012:role/ops'];
    await change('clinics', { size: 'medium' });
    await change('clinics', { multiAz: true, operators });
    await change('clinics', { copiesIn: 'eu-central-1' });
    expect(await made('clinics')).toMatchObject({
      ...{ size: 'medium', multiAz: true, operators, copiesIn: 'eu-central-1' },
    });
    await change('clinics', { multiAz: false, operators: [] });
    expect(await made('clinics')).toMatchObject({ size: 'medium', multiAz: false, operators: [] });
  });

  test.each<[string, WantedInfrastructure, string]>([
    ['less storage', { size: 'small' }, 'RDS takes no storage back'],
    ['other copies', { copiesIn: 'eu-west-3' }, 'are in eu-central-1, and stay there'],
    [
      'another network',
      { network: { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'] } },
      'stays in the network that it was made in',
    ],
  ])('%s is never given to a cell that is there', async (_, to, reason) => {
    await change('clinics', { size: 'medium', copiesIn: 'eu-central-1' });
    await expect(changed('clinics', to)).rejects.toThrow(reason);
    await change('clinics', { size: 'medium', copiesIn: 'eu-central-1' });
  });

  test('copies outside the EU are refused, and so is a change that was made from another state', async () => {
    await expect(changed('clinics', { copiesIn: 'eu-west-2' })).rejects.toThrow('stay in the EU');
    const [mine, theirs] = [
      await changed('clinics', { multiAz: true }),
      await changed('clinics', { size: 'large' }),
    ];
    const record = ({ address, before = {} }: typeof mine) =>
      recordAddress(control.admin, 'clinics', { address, before });
    await record(theirs);
    await expect(record(mine)).rejects.toMatchObject({ code: 'conflict' });
    expect(await made('clinics')).toMatchObject({ size: 'large', multiAz: false });
  });

  test('a preview says what RDS does, and whether sessions end', async () => {
    const small = await made('clinics');
    if (!small) throw new Error('there is no cell');
    const medium = { ...small, size: 'medium' as const, multiAz: true };
    expect(effectsOf(small, medium)).toEqual({
      pauses: true,
      effects: [
        'db.t4g.medium -> db.m7g.large: a restart ends every session, for some minutes',
        '50 GB -> 100 GB: no pause; RDS changes storage again six hours later at the soonest',
        'a second server in another zone: no pause; writes take longer until it has all data',
      ],
    });
    expect(effectsOf(medium, { ...medium, multiAz: false })).toEqual({
      pauses: false,
      effects: ['one server instead of two: no pause; nothing takes over by itself any more'],
    });
    expect(effectsOf(small, { ...small, operators: ['arn:aws:iam::123456789012:role/ops'] }).effects).toEqual(
      [],
    );
  });
});
