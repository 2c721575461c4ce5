import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitForAbandonedRun } from '../../control-plane/engine/run/abandoned-run.js';
import { folderState } from '../../control-plane/project/state/folder-state.js';
import { createSecretFile } from '../../core/files/secret-file.js';
import { localServerStatus } from '../../data-plane/database/server/local-server.js';
import { createRecord } from '../../data-plane/database/server/record.js';

/** Above every process number that Linux and macOS give. */
const NO_PROCESS = 4_194_305;
const STACK = 'tenant.uno';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringfence-remains-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process whose command line names `word`, until it is killed. */
const running = async (word: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [
    '-e',
    'process.stdout.write("up"); setInterval(() => {}, 1000)',
    word,
  ]);
  await once(child.stdout, 'data');
  return child;
};

describe('what a crash leaves', () => {
  test('a draft of a secret file goes with the next call, unless its writer still runs', () => {
    for (const pid of [NO_PROCESS, process.ppid])
      writeFileSync(join(dir, `.passphrase.${pid}.draft`), 'secret', { mode: 0o600 });
    createSecretFile(join(dir, 'passphrase'), 'secret');
    expect(readdirSync(dir).sort()).toEqual([`.passphrase.${process.ppid}.draft`, 'passphrase']);
  });

  test.skipIf(process.platform !== 'linux')(
    'another server with the number of a dead one is not taken for it',
    async () => {
      const other = await running('postgres');
      const dataDir = join(dir, 'data');
      createRecord(dir, { dataDir, port: 5_432 });
      mkdirSync(dataDir);
      writeFileSync(join(dataDir, 'PG_VERSION'), '18\n');
      const pidFile = [other.pid, dataDir, 0, 5_432, '', '127.0.0.1', '', 'ready', ''].join('\n');
      writeFileSync(join(dataDir, 'postmaster.pid'), pidFile);
      expect(localServerStatus(dir)).toBe('stopped');
      other.kill('SIGKILL');
    },
  );

  test('the engine of a killed run is waited for, and what it was writing goes', async () => {
    const root = join(dir, '.pulumi');
    const [locks, stacks] = [
      join(root, 'locks', 'organization', 'ringfence', STACK),
      join(root, 'stacks', 'ringfence'),
    ];
    for (const folder of [locks, stacks]) mkdirSync(folder, { recursive: true });
    const engine = await running('pulumi');
    writeFileSync(join(locks, 'a.json'), JSON.stringify({ pid: engine.pid, hostname: hostname() }));
    writeFileSync(join(locks, 'torn.json'), '{');
    const torn = join(stacks, `${STACK}.json.bak.18ea.tmp`);
    const foreign = join(stacks, `${STACK}-dos.json.18ea.tmp`);
    for (const file of [torn, foreign]) writeFileSync(file, '');
    const [tornAttributes, attributes] = [`${STACK}.json.attrs`, `${STACK}.json.bak.attrs`].map((name) =>
      join(stacks, name),
    ) as [string, string];
    writeFileSync(tornAttributes, '');
    writeFileSync(attributes, '{"md5":"x"}');

    let goesOn = false;
    const ended = once(engine, 'exit');
    const outlived = waitForAbandonedRun(
      folderState({ dir, passphraseFile: join(dir, 'passphrase') }),
      STACK,
    ).then(() => {
      goesOn = true;
    });
    // It has looked, and waits.
    await pause(200);
    expect(goesOn).toBe(false);
    engine.kill('SIGKILL');
    await Promise.all([ended, outlived]);
    expect([torn, tornAttributes].map(existsSync)).toEqual([false, false]);
    expect([foreign, attributes].map(existsSync)).toEqual([true, true]);
  });
});
