import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { leftovers } from './leftovers.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

const CELL = 'cell.shared-eu-central-1';

describe('a run that is ended from outside at any time is finished by the same command', () => {
  const DELAYS_MS = [150, 900, 1_700];
  let project: CliProject;

  afterEach(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test.each([
    ['the whole process group by SIGKILL', 'killGroup', 'SIGKILL'],
    ['Ringfence alone by SIGKILL, so that its engine lives on', 'kill', 'SIGKILL'],
    ['Ctrl-C', 'killGroup', 'SIGINT'],
  ] as const)('%s', async (_, how, signal) => {
    project = openCliProject();
    project.manifest('ended');
    let ended = 0;
    // At random times on the way from nothing to the end, each run going on where the one before was ended.
    for (const delayMs of DELAYS_MS) {
      const run = project.start(['tenants', 'add', 'ended', '--yes']);
      await Promise.race([run.result, pause(delayMs + Math.random() * 700)]);
      run[how](signal);
      const { status } = await run.result;
      if (signal === 'SIGINT') expect([0, 8, null], 'null: before the program was loaded').toContain(status);
      if (status !== 0) ended++;
    }
    // And once while the engine creates the tenant's resources.
    const run = project.start(['tenants', 'add', 'ended', '--yes']);
    await run.said('› deploy');
    run[how](signal);
    if ((await run.result).status !== 0) ended++;

    const again = await project.run(['tenants', 'add', 'ended', '--yes', '--skip-preview']);
    expect(again.stderr).not.toContain('error');
    expect(again.status).toBe(0);
    expect(await leftovers(project, ['ended'])).toEqual([]);

    // An engine that ends while it writes leaves this for whoever reads the stack next, which is a preview.
    const state = join(project.home, 'state', '.pulumi');
    const torn = ['meta.yaml', ...['tenant.ended', CELL].map((stack) => `stacks/ringfence/${stack}.json`)];
    for (const reader of [
      ['tenants', 'preview', 'ended', '--refresh'],
      ['pulumi', '--', 'stack', 'ls'],
    ]) {
      for (const path of torn) writeFileSync(join(state, `${path}.attrs`), '');
      const read = await project.run(reader);
      expect([read.status, read.stderr]).toEqual([0, expect.not.stringContaining('EOF')]);
    }
    say(`ended ${ended} times by ${how} ${signal}: converged`);
  });
});
