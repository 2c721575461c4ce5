import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

/** Puts a stand-in where the engine of a project looks for a plugin. @param command its entry, and what that is told. */
export const placePlugin = (
  home: string,
  { name, version }: { readonly name: string; readonly version: string },
  command: readonly string[],
): void => {
  const folder = join(home, 'pulumi', 'plugins', `resource-${name}-v${version}`);
  mkdirSync(folder, { recursive: true });
  const words = [process.execPath, TSX, ...command].map((part) => `'${part}'`);
  const script = `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`;
  writeFileSync(join(folder, `pulumi-resource-${name}`), script, { mode: 0o700 });
};
