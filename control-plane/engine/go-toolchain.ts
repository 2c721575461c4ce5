import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import semver from 'semver';
import { findOnPath } from './probe.js';

/** The Go module that pins what the engine is built from; `scripts/build.mjs` lays it beside the compiled code. */
export const ENGINE_MODULE_DIR = join(dirname(fileURLToPath(import.meta.url)), 'build');

const GO_TIMEOUT_MS = 120_000;

export interface GoToolchain {
  readonly path: string;
  /** The version that would compile the engine, such as `1.26.8`. */
  readonly version: string;
  /** The version that the engine's modules need. */
  readonly needed: string;
  readonly sufficient: boolean;
}

/** The `go` line of the engine's go.mod. */
export const neededGoVersion = async (): Promise<string> => {
  const line = /^go (\S+)$/m.exec(await readFile(join(ENGINE_MODULE_DIR, 'go.mod'), 'utf8'));
  if (!line?.[1]) throw new Error(`${ENGINE_MODULE_DIR}/go.mod names no Go version`);
  return line[1];
};

/**
 * Looks for `go` on PATH. An older Go (1.21 or newer) is asked inside the engine's module, where it may fetch the
 * toolchain that the module needs (GOTOOLCHAIN=auto); when it may not, its own version is reported.
 * @returns `undefined` when there is no `go` that runs
 */
export const findGo = async (env: NodeJS.ProcessEnv): Promise<GoToolchain | undefined> => {
  const path = await findOnPath('go', env);
  if (!path) return undefined;
  const needed = await neededGoVersion();
  const version =
    (await goVersion(path, { ...env, GOWORK: 'off' })) ??
    (await goVersion(path, { ...env, GOTOOLCHAIN: 'local', GOWORK: 'off' }, '/'));
  return version ? { path, version, needed, sufficient: semver.gte(version, needed) } : undefined;
};

const goVersion = (path: string, env: NodeJS.ProcessEnv, cwd = ENGINE_MODULE_DIR) =>
  new Promise<string | undefined>((done) => {
    execFile(path, ['env', 'GOVERSION'], { env, cwd, timeout: GO_TIMEOUT_MS }, (error, stdout) =>
      done(error ? undefined : semver.coerce(stdout.trim().replace(/^go/, ''))?.version),
    );
  });
