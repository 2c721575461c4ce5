import { RingfenceError } from '../../../core/errors.js';
import { askGit, type GitAnswer } from '../../project/git.js';

/** The commit that the work tree is compared with. */
export interface Base {
  /** As it was asked for. */
  readonly ref: string;
  /** The newest commit that the ref and the work tree's have in common, in full. */
  readonly commit: string;
  /** The folder of the project in the repository, with a slash at its end; empty for all of it. */
  readonly prefix: string;
}

type Git = (...args: string[]) => Promise<GitAnswer>;

/**
 * The merge base of HEAD and a ref. Reads the repository only.
 * @throws RingfenceError `base_not_found` for an unknown ref, a shallow clone, histories without a common commit, and where there is
 * no repository; `usage` for what cannot be a ref.
 */
export const findBase = async (root: string, env: NodeJS.ProcessEnv, ref: string): Promise<Base> => {
  if (!/^[^-\s][^\s]*$/.test(ref))
    throw new RingfenceError('usage', `--since ${JSON.stringify(ref)} is no ref of git`, {
      fix: 'give a branch, a tag or a commit, such as origin/main',
    });
  const git: Git = (...args) => askGit(root, env, args);
  const { prefix, isShallow } = await openRepository(root, git);
  const commit = await resolveRef(git, ref, isShallow);
  if (!(await commitOf(git, 'HEAD')))
    throw new RingfenceError('base_not_found', 'the work tree is of no commit yet', {
      fix: 'commit first, or leave --since out',
    });
  const { status, stdout, stderr } = await git('merge-base', 'HEAD', commit);
  if (status === 0) return { ref, commit: stdout.toString().trim(), prefix };
  if (status !== 1) throw unreadable(root, stderr);
  if (isShallow)
    throw shallow(`the commit that ${ref} and the work tree have in common is not in this clone`);
  throw new RingfenceError('base_not_found', `${ref} and the work tree have no commit in common`, {
    fix: `was ${ref} pushed by force? fetch it, rebase onto it, or name another ref`,
  });
};

const openRepository = async (root: string, git: Git): Promise<{ prefix: string; isShallow: boolean }> => {
  const { status, stdout, stderr } = await git('rev-parse', '--show-prefix', '--is-shallow-repository');
  if (status === 0) {
    const [prefix = '', isShallow = ''] = stdout.toString().split('\n');
    return { prefix, isShallow: isShallow === 'true' };
  }
  if (status === null)
    throw new RingfenceError('base_not_found', 'git did not answer, or is not installed', {
      fix: 'install git, or leave --since out',
    });
  if (!/not a git repository/.test(stderr)) throw unreadable(root, stderr);
  throw new RingfenceError('base_not_found', `${root} is in no git repository`, {
    fix: 'run in a clone of it, or leave --since out: then all that differs from its last deployment is previewed',
  });
};

const resolveRef = async (git: Git, ref: string, isShallow: boolean): Promise<string> => {
  const commit = await commitOf(git, ref);
  if (commit) return commit;
  if (isShallow) throw shallow(`${ref} is not in this clone`);
  const remote = await commitOf(git, `origin/${ref}`);
  throw new RingfenceError('base_not_found', `this clone has no ref ${ref}`, {
    fix: remote
      ? `did you mean origin/${ref}?`
      : 'fetch it (`git fetch origin`); if its branch was deleted, name the branch that it was merged into',
  });
};

const commitOf = async (git: Git, ref: string): Promise<string | undefined> => {
  const { status, stdout } = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  );
  return status === 0 ? stdout.toString().trim() : undefined;
};

const shallow = (what: string): RingfenceError =>
  new RingfenceError('base_not_found', `${what}, which has a part of the history only`, {
    fix: 'fetch all of it: `fetch-depth: 0` at actions/checkout, `GIT_DEPTH: 0` at GitLab, `git fetch --unshallow` by hand',
  });

export const unreadable = (root: string, said: string): RingfenceError =>
  new RingfenceError('base_not_found', `git cannot read the repository of ${root}`, {
    fix: `it says: ${said.split('\n')[0]?.trim() || 'nothing'}`,
  });
