import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { replaceFile } from '../../../core/files/whole-file.js';
import { VERSION } from '../../../core/version.js';

/** Puts the policy pack where plain `pulumi` takes it by `--policy-pack`. The engine wants a folder with these files. */
export const placePack = (workspaceDir: string): void => {
  const folder = join(workspaceDir, 'policy-pack');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const main = 'index.cjs';
  const about = { name: 'ringfence', version: VERSION, private: true, main };
  replaceFile(
    join(folder, 'PulumiPolicy.yaml'),
    'runtime: nodejs\ndescription: The promises of Ringfence.\n',
  );
  replaceFile(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  // The SDK's runner requires it, and awaits what it returns.
  replaceFile(join(folder, main), `module.exports = () => import('${pathToFileURL(packEntry()).href}');\n`);
};

/** Beside this file in dist/, or in the dist/ of the package when this is the source. */
const packEntry = (): string => {
  const candidates = ['../../../cli/policy-pack.js', '../../../dist/cli/policy-pack.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find(existsSync) ?? candidates[0] ?? '';
};
