import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EngineMaker } from '../../../control-plane/engine/types.js';
import { ENGINE_VERSION } from '../../../control-plane/engine/version.js';
import { openProject, type Project } from '../../../control-plane/project/project.js';

/** A machine of its own: an empty project and a PATH with nothing on it but what the test puts there. */
export interface Scene {
  readonly dir: string;
  readonly bin: string;
  readonly project: Project;
  readonly env: NodeJS.ProcessEnv;
  readonly lines: string[];
  readonly onProgress: (line: string) => void;
  readonly remove: () => void;
}

export const openScene = (): Scene => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-engine-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const lines: string[] = [];
  return {
    dir,
    bin,
    project: openProject(join(dir, 'project')),
    env: { PATH: bin, HOME: dir },
    lines,
    onProgress: (line) => lines.push(line),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
};

/** Writes an executable shell script. */
export const script = (path: string, body: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
};

export const fakePulumi = (path: string, version: string): string => script(path, `echo v${version}`);

/** A maker that writes a fake engine and counts how often it was asked. */
export const countingMaker = (delayMs = 0): EngineMaker & { calls: number } => {
  const make = Object.assign(
    async ({ folder }: { folder: string }) => {
      make.calls++;
      await new Promise((done) => setTimeout(done, delayMs));
      fakePulumi(join(folder, 'pulumi'), ENGINE_VERSION);
    },
    { calls: 0 },
  );
  return make;
};

export const brokenMaker =
  (reason: string): EngineMaker =>
  async () => {
    throw new Error(reason);
  };
