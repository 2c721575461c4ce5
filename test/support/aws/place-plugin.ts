import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AWS_VERSION } from '../../../stacks/names.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts the stand-in for AWS where the engine of a project looks for its plugin. @param cloud the folder of its account */
export const placeAwsPlugin = (home: string, cloud: string): void => {
  const folder = join(home, 'pulumi', 'plugins', `resource-aws-v${AWS_VERSION}`);
  mkdirSync(folder, { recursive: true });
  const command = [
    process.execPath,
    at('../../../node_modules/tsx/dist/cli.mjs'),
    at('./stand-in/main.ts'),
    cloud,
  ];
  const script = `#!/bin/sh\nexec ${command.map((part) => `'${part}'`).join(' ')} "$@"\n`;
  writeFileSync(join(folder, 'pulumi-resource-aws'), script, { mode: 0o700 });
};
