import { createHash } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { askGit } from '../../project/git.js';
import { type Base, unreadable } from './find-base.js';

/** A file as the base has it. */
export interface BaseFile {
  /** Id of its text in git, hex. */
  readonly id: string;
  /** False for links and folders. */
  readonly isPlain: boolean;
}

const PLAIN_MODES: ReadonlySet<string> = new Set(['100644', '100755', '100664']);

/** What lies in some paths of the project in the base; a path that ends with a slash names what is in a folder. By path in the project. */
export const listBase = async (
  root: string,
  env: NodeJS.ProcessEnv,
  { commit, prefix }: Base,
  paths: readonly string[],
): Promise<ReadonlyMap<string, BaseFile>> => {
  const { status, stdout, stderr } = await askGit(root, env, [
    ...['ls-tree', '-z', '--full-tree', commit, '--'],
    ...paths.map((path) => prefix + path),
  ]);
  if (status !== 0) throw unreadable(root, stderr);
  const files = stdout
    .toString()
    .split('\0')
    .flatMap((line): [string, BaseFile][] => {
      const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return path === '' ? [] : [[path.slice(prefix.length), { id, isPlain: PLAIN_MODES.has(mode) }]];
    });
  return new Map(files);
};

/** The texts of files of the base, by their ids, read by one process. */
export const readBaseTexts = async (
  root: string,
  env: NodeJS.ProcessEnv,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  if (ids.length === 0) return texts;
  const { status, stdout, stderr } = await askGit(
    root,
    env,
    ['cat-file', '--batch'],
    ids.map((id) => `${id}\n`).join(''),
  );
  if (status !== 0) throw unreadable(root, stderr);
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf('\n', at);
    const [id = '', , size] = stdout.subarray(at, end).toString().split(' ');
    const bytes = Number(size);
    // `<id> missing`: a clone that fetches texts when they are asked for, and could not.
    if (!Number.isInteger(bytes)) throw missing(id);
    texts.set(id, stdout.subarray(end + 1, end + 1 + bytes).toString());
    at = end + 1 + bytes + 1;
  }
  return texts;
};

const missing = (id: string): RingfenceError =>
  new RingfenceError('base_not_found', `this clone lacks a file of the base (${id})`, {
    fix: 'fetch all of it: `git fetch --refetch origin`',
  });

/** The id that git gives a file with these bytes, by the algorithm of the repository: another id has its length. */
export const gitIdOf = (bytes: Uint8Array, like: string): string =>
  createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');

/** Paths in the repository that the work tree has otherwise than the base, or beside it. */
export const changedSince = async (
  root: string,
  env: NodeJS.ProcessEnv,
  { commit }: Base,
): Promise<string[]> => {
  const answers = [
    await askGit(root, env, ['diff', '--name-only', '--no-ext-diff', '--no-renames', '-z', commit, '--']),
    await askGit(root, env, ['ls-files', '-z', '--others', '--exclude-standard', '--full-name', ':/']),
  ];
  const failed = answers.find(({ status }) => status !== 0);
  if (failed) throw unreadable(root, failed.stderr);
  return answers.flatMap(({ stdout }) => stdout.toString().split('\0').filter(Boolean));
};
