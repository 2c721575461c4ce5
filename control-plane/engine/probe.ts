import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import semver from 'semver';

const PROBE_TIMEOUT_MS = 15_000;

/**
 * Asks a `pulumi` binary for its version.
 * @returns the version without a leading `v`
 * @throws Error with a short reason when it does not run, does not answer in 15 seconds or prints something else
 */
export const probeVersion = async (path: string, env: NodeJS.ProcessEnv): Promise<string> => {
  if (!(await isExecutableFile(path))) throw new Error('it is not an executable file');
  const printed = await new Promise<string>((done, fail) => {
    const probeEnv = { ...env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
    execFile(path, ['version'], { env: probeEnv, timeout: PROBE_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (!error) return done(stdout.trim());
      const reason = error.killed ? 'no answer in time' : firstLine(stderr) || firstLine(error.message);
      fail(new Error(`\`pulumi version\` failed: ${reason}`, { cause: error }));
    });
  });
  const version = semver.parse(printed)?.version;
  if (!version) throw new Error(`\`pulumi version\` printed no version: ${firstLine(printed).slice(0, 80)}`);
  return version;
};

/** Finds the first executable file called `name` in the folders of PATH. */
export const findOnPath = async (name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = resolve(folder, name);
    if (folder !== '' && (await isExecutableFile(path))) return path;
  }
  return undefined;
};

const isExecutableFile = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
