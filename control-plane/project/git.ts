import { execFile } from 'node:child_process';

const GIT_TIMEOUT_MS = 60_000;
/** A thousand manifests of the largest size would not fit; then git's answer counts as a failure. */
const ANSWER_MAX_BYTES = 512 * 1024 * 1024;

/** What git answered. `status` is null where there is no git, or where it did not end by itself. */
export interface GitAnswer {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A hook of git's names its own repository in the environment, which may be another one. */
const ownEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))),
  // Its messages are looked at, and it must not ask anybody.
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
});

/** Asks git a question in a folder. Never throws for what git says. */
export const askGit = (
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input = '',
): Promise<GitAnswer> =>
  new Promise((done) => {
    const options = {
      cwd,
      env: ownEnvironment(env),
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: ANSWER_MAX_BYTES,
      encoding: 'buffer' as const,
    };
    const child = execFile('git', args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      done({ status: typeof code === 'number' ? code : null, stdout, stderr: stderr.toString() });
    });
    // A git that ends early closes its end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
