import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTwoRegions, type TwoRegions } from '../support/aws/two-regions.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { findMoto } from '../support/rds/moto.js';

const [HERE, THERE] = ['eu-central-1', 'eu-west-1'] as const;
const program = await findMoto();

interface Smoke {
  readonly steps: readonly { step: string; command: string; seconds: number; isEarlier: boolean }[];
  readonly left: readonly string[];
}

describe.skipIf(program === undefined)('ringfence smoke aws', () => {
  let project: CliProject;
  let regions: TwoRegions;
  const smoke = (...more: string[]) =>
    project.run(['smoke', 'aws', '--json', ...more], { env: { ...regions.env } });
  const refusal = async (...more: string[]) => {
    const { status, stdout } = await smoke(...more);
    const { code, message } = JSON.parse(stdout).error as { code: string; message: string };
    return { status, code, message };
  };

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project = openCliProject();
    regions = await openTwoRegions(program ?? '', project.home, [
      { cell: 'smoke', region: HERE },
      { cell: 'smoke-clinic', region: THERE },
    ]);
  });
  afterAll(async () => {
    regions.forgetCells();
    const left = await project.purge();
    await regions.stop();
    expect(left).toEqual([]);
  });

  it('asks for a region, and whether it may cost money, before it makes anything', async () => {
    expect(await refusal('--yes')).toMatchObject({ status: 2, code: 'usage' });
    expect(await refusal('--region', HERE)).toMatchObject({ code: 'confirmation_missing' });
    expect(regions.cloud.list()).toEqual([]);
  });

  it('goes through the whole life of a tenant, and on where it stopped', async () => {
    const stopped = await refusal('--region', HERE, '--promote-to', THERE, '--yes');
    expect(stopped).toMatchObject({
      code: 'deployment_failed',
      message: expect.stringMatching(/^cell ended with \d+:[\s\S]*certificate/),
    });
    expect(await refusal('--region', THERE, '--yes')).toMatchObject({ code: 'conflict' });
    const { status, stdout, stderr } = await smoke('--ca-file', regions.caFile, '--yes');
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    const { steps, left } = JSON.parse(stdout) as Smoke;
    for (const { step, seconds } of steps) process.stdout.write(`  ${step} ${seconds} s\n`);
    expect(steps.map(({ step }) => step)).toEqual([
      ...['cell', 'onboard', 'patients', 'backup', 'verify', 'restore', 'moment', 'residency', 'policies'],
      ...['promote', 'rollback', 'withdraw', 'rotate', 'erase'],
    ]);
    expect(left.filter((line) => line.startsWith('ringfence cells down'))).toHaveLength(2);
    expect(await project.control(`SELECT FROM control.tenants WHERE state <> 'erased'`)).toEqual([]);
    const { steps: again } = JSON.parse((await smoke('--yes')).stdout) as Smoke;
    expect(again.every(({ isEarlier }) => isEarlier)).toBe(true);
  });
});
