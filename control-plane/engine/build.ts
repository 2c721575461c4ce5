import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ENGINE_MODULE_DIR, findGo, neededGoVersion } from './go-toolchain.js';
import type { EngineMaker } from './types.js';
import { ENGINE_VERSION } from './version.js';

const BUILD_TIMEOUT_MS = 30 * 60_000;
const PROGRESS_EVERY_MS = 5_000;
const KEPT_ERROR_LINES = 12;
const ENGINE_PACKAGE = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
const VERSION_VARIABLE = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version';

/**
 * Builds the engine from its published Go modules, pinned by go.sum: 2 to 5 minutes on two cores.
 * @throws Error with the reason: no Go, a Go that is too old, modules out of reach, or what the compiler said
 */
export const buildEngine: EngineMaker = async ({ folder, env, onProgress }) => {
  const go = await findGo(env);
  if (!go) throw new Error(`no Go on PATH (${await neededGoVersion()} or newer is needed)`);
  if (!go.sufficient) throw new Error(`Go ${go.version} is too old: ${go.needed} or newer is needed`);
  onProgress(
    `Building the Pulumi engine ${ENGINE_VERSION} from its Go modules with Go ${go.version}; once, a few minutes`,
  );
  const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false'];
  const ldflags = ['-ldflags', `-s -w -X ${VERSION_VARIABLE}=v${ENGINE_VERSION}`];
  await runBuild(
    go.path,
    ['build', '-v', ...flags, ...ldflags, '-o', join(folder, 'pulumi'), ENGINE_PACKAGE],
    // A go.work of the user's would pull in other modules; without cgo no C compiler is needed.
    { ...env, GOWORK: 'off', CGO_ENABLED: '0' },
    onProgress,
  );
};

const runBuild = (
  go: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> =>
  new Promise((done, fail) => {
    const startedMs = performance.now();
    const progress = new BuildProgress();
    const child = spawn(go, args, {
      cwd: ENGINE_MODULE_DIR,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    createInterface({ input: child.stderr }).on('line', (line) => progress.read(line));
    const ticker = setInterval(
      () => onProgress(progress.describe(performance.now() - startedMs)),
      PROGRESS_EVERY_MS,
    );
    child.once('error', fail);
    child.once('close', (status, signal) => {
      clearInterval(ticker);
      if (status === 0) return done();
      const how = signal ? `was ended by ${signal}` : `exited with ${status}`;
      fail(new Error(`go build ${how}: ${progress.complaints.join('; ') || 'it gave no reason'}`));
    });
  });

/** Tells the lines of `go build -v` apart: modules fetched, packages compiled, and everything else. */
class BuildProgress {
  readonly complaints: string[] = [];
  #packages = 0;
  #modules = 0;

  read(line: string): void {
    if (line.startsWith('go: downloading ')) this.#modules++;
    else if (/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) this.#packages++;
    else if (line.trim() !== '') this.complaints.push(line.trim());
    if (this.complaints.length > KEPT_ERROR_LINES) this.complaints.shift();
  }

  describe(elapsedMs: number): string {
    const modules = this.#modules > 0 ? `, ${this.#modules} modules fetched` : '';
    return `Building the Pulumi engine: ${this.#packages} packages compiled${modules}, ${Math.round(elapsedMs / 1000)} s`;
  }
}
