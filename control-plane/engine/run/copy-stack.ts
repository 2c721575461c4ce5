import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { PROJECT } from '../../../stacks/names.js';
import { forgetCheckpoint, hasStack, unlockUnmade } from '../../project/state/stack-files.js';
import type { ReadEngineOutput } from './engine-output.js';
import { runEngine } from './run-engine.js';
import { seedSettings, settingsPath, stackSeal } from './stack-seal.js';
import type { Workspace } from './workspace.js';

/** An engine that works on one state after the other. */
export interface CopyingEngine {
  readonly enginePath: string;
  readonly readOutput: ReadEngineOutput;
  readonly env: NodeJS.ProcessEnv;
}

/** As the engine exports it; the program that made it is not in it. */
type Deployment = Readonly<Record<string, unknown>>;

const exported = z.looseObject({ deployment: z.record(z.string(), z.unknown()).nullish() });

/**
 * Copies a stack into another state, its secrets sealed anew, and compares what is there then with what was exported. One that is there
 * just so is left; another is begun anew. Operations that began and never ended do not come along: the caller refuses them.
 * @throws RingfenceError `internal` where the copy differs
 */
export const copyStack = async (
  engine: CopyingEngine,
  stack: string,
  from: Workspace,
  to: Workspace,
): Promise<void> => {
  const dir = join(to.dir, 'copying', stack);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  replaceFile(join(dir, 'Pulumi.yaml'), stringify({ name: PROJECT, runtime: 'nodejs' }));
  const call = ({ env }: Workspace, args: readonly string[], input = ''): Promise<string> =>
    runEngine(engine, { stack, args, dir, env: { ...engine.env, ...env }, input });
  const read = async (workspace: Workspace): Promise<Deployment> =>
    exported.parse(JSON.parse(await call(workspace, ['stack', 'export', '--show-secrets']))).deployment ?? {};
  try {
    const original = await read(from);
    if ((await hasStack(to.state, stack)) && isSame(await read(to), original)) return;
    await forgetCheckpoint(to.state, stack);
    await unlockUnmade(to.state, stack);
    const seal = stackSeal(to);
    await seedSettings(to, stack, dir);
    const { secretsProvider } = seal.options;
    await call(to, ['stack', 'init', ...(secretsProvider ? ['--secrets-provider', secretsProvider] : [])]);
    seal.keep(stack, dir);
    // Without resources there is nothing to import.
    if (Array.isArray(original.resources)) {
      const deployment = { ...original, secrets_providers: sealedBy(dir, stack) };
      await call(to, ['stack', 'import'], JSON.stringify({ version: 3, deployment }));
    }
    if (!isSame(await read(to), original))
      throw new RingfenceError('internal', `the copy of stack ${stack} differs from it, so nothing is moved`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

/** The time of an export, and the seal, differ. */
const isSame = (one: Deployment, other: Deployment): boolean => {
  const counting = ({ manifest: _, secrets_providers: __, ...rest }: Deployment) => rest;
  return isDeepStrictEqual(counting(one), counting(other));
};

/** As the engine writes it into the settings of a stack that it makes. */
const settings = z.union([
  z.looseObject({ secretsprovider: z.string(), encryptedkey: z.string() }),
  z.looseObject({ encryptionsalt: z.string() }),
]);

/** The seal as a checkpoint has it (pulumi/pkg/secrets). */
const sealedBy = (dir: string, stack: string): object => {
  const said = settings.parse(parse(readFileSync(settingsPath(dir, stack), 'utf8')));
  return 'encryptedkey' in said
    ? { type: 'cloud', state: { url: said.secretsprovider, encryptedkey: said.encryptedkey } }
    : { type: 'passphrase', state: { salt: said.encryptionsalt } };
};
