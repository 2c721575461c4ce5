import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { replaceFile } from '../../../core/files/whole-file.js';
import { checkpointPath } from '../../project/state/stack-files.js';
import type { StateStore } from '../../project/state/state-store.js';
import { keepSalt, sharedSalt } from './encryption-salt.js';
import type { Workspace } from './workspace.js';

/** The part of a stack's settings that opens its sealed values, as the engine's Automation API takes it. */
type SealSettings =
  | { readonly encryptionSalt: string }
  /** Without a key the engine makes one. */
  | { readonly secretsProvider: string; readonly encryptedKey?: string };

/** How the engine seals the secrets of a project's stacks. */
interface StackSeal {
  /** For the engine that makes a stack; without it, it takes the passphrase. */
  readonly options: { readonly secretsProvider?: string };
  /** What a stack's settings in `dir` have to say before it is opened; undefined where they say it, or the engine will. */
  settingsFor(stack: string, dir: string): Promise<SealSettings | undefined>;
  /** Comes after a stack was opened. */
  keep(stack: string, dir: string): void;
}

export const stackSeal = (workspace: Workspace): StackSeal => {
  const { seal } = workspace.state;
  return seal.kind === 'passphrase' ? bySalt(workspace) : byKey(workspace.state, seal.url);
};

const bySalt = (workspace: Workspace): StackSeal => ({
  options: {},
  async settingsFor(stack, dir) {
    const encryptionSalt = sharedSalt(workspace);
    return encryptionSalt !== undefined && !existsSync(settingsPath(dir, stack))
      ? { encryptionSalt }
      : undefined;
  },
  keep: (stack, dir) => keepSalt(workspace, settingsPath(dir, stack)),
});

/**
 * The state itself has the wrapped key, so any machine opens it that may use the key of AWS KMS; without it in the settings the
 * engine would ask for a passphrase.
 */
const byKey = (state: StateStore, secretsProvider: string): StackSeal => ({
  options: { secretsProvider },
  async settingsFor(stack) {
    const text = await state.read(checkpointPath(stack));
    if (text === undefined) return undefined;
    const by = sealedBy.safeParse(JSON.parse(text)).data?.checkpoint.latest.secrets_providers.state;
    // A run that was killed while it made the stack has sealed nothing.
    return by ? { secretsProvider: by.url, encryptedKey: by.encryptedkey } : { secretsProvider };
  },
  keep: () => undefined,
});

/** In a checkpoint (pulumi/pkg/secrets/cloud/manager.go). */
const sealedBy = z.object({
  checkpoint: z.object({
    latest: z.object({
      secrets_providers: z.object({
        type: z.literal('cloud'),
        state: z.object({ url: z.string(), encryptedkey: z.string() }),
      }),
    }),
  }),
});

export const settingsPath = (dir: string, stack: string): string => join(dir, `Pulumi.${stack}.yaml`);

/** Writes a stack's settings for plain `pulumi`, where it has none there. */
export const seedSettings = async (workspace: Workspace, stack: string, dir: string): Promise<void> => {
  const path = settingsPath(dir, stack);
  if (existsSync(path)) return;
  const settings = await stackSeal(workspace).settingsFor(stack, dir);
  if (settings !== undefined) replaceFile(path, stringify(asFields(settings)));
};

/** The part of a stack's settings that names its seal, as the file has it; none before there is one. */
export const sealFields = async (workspace: Workspace, stack: string): Promise<object> =>
  asFields((await stackSeal(workspace).settingsFor(stack, join(workspace.dir, 'none'))) ?? {});

/** The engine's files have these names in lower case. */
const asFields = (settings: SealSettings | Record<string, never>): object =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value]));
