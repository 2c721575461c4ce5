import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RingfenceError } from '../../../core/errors.js';
import { ifThere } from '../../../core/files/if-there.js';
import { createSecretFile } from '../../../core/files/secret-file.js';
import { listStacks } from './stack-files.js';
import type { StateStore } from './state-store.js';
import { removeTornAttributes, removeTornFiles } from './torn-files.js';

/** The folder of the engine's file backend, and the file with the passphrase that seals its secrets. */
export interface FolderPlace {
  readonly dir: string;
  readonly passphraseFile: string;
}

/** The state in a folder of this machine. */
export const folderState = ({ dir, passphraseFile }: FolderPlace): StateStore => {
  const root = join(dir, '.pulumi');
  const at = (path: string): string => join(root, ...path.split('/'));
  const state: StateStore = {
    name: dir,
    seal: { kind: 'passphrase', file: passphraseFile },
    setting: undefined,
    env: {
      PULUMI_BACKEND_URL: pathToFileURL(dir).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    },
    async prepare() {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (!existsSync(passphraseFile) && (await listStacks(state)).length > 0)
        throw passphraseLost(dir, passphraseFile);
      createSecretFile(passphraseFile, randomBytes(32).toString('base64url'));
    },
    requireHome: async () => undefined,
    check: async () => undefined,
    whereabouts: async () => [{ what: "engine's state", answer: 'here', evidence: `the folder ${dir}` }],
    names: async (folder, start = '') =>
      (ifThere(() => readdirSync(at(folder))) ?? []).filter((name) => name.startsWith(start)),
    read: async (path) => ifThere(() => readFileSync(at(path), 'utf8')),
    remove: async (path) => rmSync(at(path), { force: true }),
    everBelow: async (start) => entriesBelow(root, start),
    erase: async (path) => rmSync(at(path), { recursive: true, force: true }),
    mend(stack, { hasEnded } = { hasEnded: false }) {
      if (stack !== undefined && hasEnded) removeTornFiles(root, stack);
      else removeTornAttributes(root, stack);
    },
    async clear() {
      rmSync(dir, { recursive: true, force: true });
      rmSync(passphraseFile, { force: true });
    },
    purge: async () => rmSync(dir, { recursive: true, force: true }),
  };
  return state;
};

/** Empty folders count: they have the stack's name. */
const entriesBelow = (root: string, start: string): string[] => {
  const folder = start.slice(0, start.lastIndexOf('/'));
  if (start.endsWith('/')) return existsSync(join(root, folder)) ? [folder] : [];
  return (ifThere(() => readdirSync(join(root, folder))) ?? [])
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.startsWith(start));
};

/** A new passphrase would not open the stacks' sealed values. */
const passphraseLost = (dir: string, file: string): RingfenceError =>
  new RingfenceError('passphrase_lost', `${file} is gone, and stacks are sealed under it`, {
    fix: `restore the file from its copy; where there is none, remove ${dir} and ${join(dirname(dir), 'workspace')}: the next deployment adopts what is there, under a new passphrase`,
  });
