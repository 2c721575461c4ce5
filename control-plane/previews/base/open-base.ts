import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere } from '../../../core/files/if-there.js';
import {
  isManifestName,
  type LoadedManifest,
  manifestNames,
  parseManifest,
  RingfenceError,
} from '../../../manifest/index.js';
import type { Exception } from '../../../policies/exceptions/exception.js';
import { readExceptions } from '../../../policies/exceptions/read.js';
import { failureOf } from '../../operation/failure.js';
import { EXCEPTIONS_FILE } from '../../policies/load-exceptions.js';
import { type BaseFile, changedSince, gitIdOf, listBase, readBaseTexts } from './base-files.js';
import { type Base, findBase } from './find-base.js';

/** A manifest as the base has it. */
type BaseManifest =
  /** The same text; of a program, also the same of all that it may import. */
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly manifest: LoadedManifest }
  /** It cannot be told what it said. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What `policies.yaml` said in the base. */
type BaseExceptions =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly exceptions: readonly Exception[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What the base says, as far as it is not what the work tree says. */
export interface OpenBase extends Base {
  /** By slug. */
  readonly manifests: ReadonlyMap<string, BaseManifest>;
  /** Slugs of the manifests of the work tree, whether they hold or not. */
  readonly present: ReadonlySet<string>;
  readonly exceptions: BaseExceptions;
  /** Files of the work tree that must not be opened, by name: programs that the base does not have so, and links. */
  readonly untrusted: ReadonlyMap<string, RingfenceError>;
}

const FOLDER = 'tenants';

/**
 * Reads the manifests and exceptions of the merge base with a ref from git's objects, never from a work tree. Opens no program of the
 * work tree: who has written it may be anybody.
 * @throws RingfenceError `base_not_found`, `usage` as `findBase`; `tenant_not_found` without a folder of manifests.
 */
export const openBase = async (
  root: string,
  env: NodeJS.ProcessEnv,
  ref: string,
  options: { readonly now: Date },
): Promise<OpenBase> => {
  const base = await findBase(root, env, ref);
  const files = await listBase(root, env, base, [`${FOLDER}/`, EXCEPTIONS_FILE]);
  const names = await manifestNames(join(root, FOLDER));
  const inBase = [...files.keys()].flatMap((path) => (path.startsWith(`${FOLDER}/`) ? [path.slice(8)] : []));
  const isProgram = (name: string): boolean => name.endsWith('.ts');
  const codeDiffers =
    [...names, ...inBase].some(isProgram) && (await changedSince(root, env, base)).some(mayBeCode);
  const pairs = inBase.filter(isManifestName).map((name) => {
    const file = files.get(`${FOLDER}/${name}`) as BaseFile;
    const isSame = isSameFile(join(root, FOLDER, name), file) && !(isProgram(name) && codeDiffers);
    return { name, file, isSame };
  });
  const wanted = pairs.filter(({ name, file, isSame }) => !isSame && file.isPlain && !isProgram(name));
  const file = files.get(EXCEPTIONS_FILE);
  const sameExceptions = file
    ? isSameFile(join(root, EXCEPTIONS_FILE), file)
    : !existsSync(join(root, EXCEPTIONS_FILE));
  const exceptionsId = !sameExceptions && file?.isPlain ? [file.id] : [];
  const texts = await readBaseTexts(root, env, [...wanted.map(({ file }) => file.id), ...exceptionsId]);
  const manifests = new Map(
    pairs.map(({ name, file, isSame }): [string, BaseManifest] => [
      slugOf(name),
      isSame ? { kind: 'same' } : read(name, texts.get(file.id)),
    ]),
  );
  const sameNames = new Set(pairs.filter(({ isSame }) => isSame).map(({ name }) => name));
  const untrusted = new Map(
    names.flatMap((name): [string, RingfenceError][] => {
      if (isLink(join(root, FOLDER, name))) return [[name, linked(name)]];
      if (!isProgram(name) || sameNames.has(name)) return [];
      return [[name, program(name, ref)]];
    }),
  );
  const exceptions: BaseExceptions = sameExceptions
    ? { kind: 'same' }
    : readBaseExceptions(exceptionsId.map((id) => texts.get(id) ?? '').join(''), options.now);
  return { ...base, manifests, present: new Set(names.map(slugOf)), exceptions, untrusted };
};

/** What no program imports: manifests, exceptions and texts for people. Everything else may be a part of one. */
const mayBeCode = (path: string): boolean => !/\.(?:ya?ml|md)$/.test(path);

export const slugOf = (name: string): string => name.replace(/\.(?:yaml|yml|ts)$/, '');

const isSameFile = (path: string, { id, isPlain }: BaseFile): boolean => {
  if (!isPlain || isLink(path)) return false;
  const bytes = ifThere(() => readFileSync(path));
  return bytes !== undefined && gitIdOf(bytes, id) === id;
};

const isLink = (path: string): boolean => ifThere(() => lstatSync(path).isSymbolicLink()) === true;

const read = (name: string, text: string | undefined): BaseManifest => {
  if (text === undefined)
    return {
      kind: 'unreadable',
      reason: name.endsWith('.ts') ? 'it is a program, which is not run' : 'it is a link or a folder',
    };
  try {
    return { kind: 'other', manifest: parseManifest(name, text) };
  } catch (error) {
    return { kind: 'unreadable', reason: failureOf(error, name).message.split('\n')[0] ?? '' };
  }
};

const readBaseExceptions = (text: string, now: Date): BaseExceptions => {
  try {
    return { kind: 'other', exceptions: readExceptions(text, EXCEPTIONS_FILE, now) };
  } catch (error) {
    return { kind: 'unreadable', reason: failureOf(error, EXCEPTIONS_FILE).message.split('\n')[0] ?? '' };
  }
};

const linked = (name: string): RingfenceError =>
  new RingfenceError(
    'manifest_untrusted',
    `${FOLDER}/${name} is a link, which may lead anywhere: it was not opened`,
    {
      fix: 'make it a file',
    },
  );

const program = (name: string, ref: string): RingfenceError =>
  new RingfenceError(
    'manifest_untrusted',
    `${FOLDER}/${name} is a program that ${ref} does not have so, or that may import what it does not have so: it was not run`,
    {
      fix: 'preview it by itself, without --since, where you trust it; a manifest in YAML needs no trust',
    },
  );
