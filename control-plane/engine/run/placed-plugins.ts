import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from '../../../core/files/whole-file.js';

/** Ends the name of a folder of ours, as build metadata (Semantic Versioning 2.0.0), which no comparison looks at. */
const OURS = '+ringfence';

/** A plugin that plain `pulumi` is served by this package. */
export interface PlacedPlugin {
  readonly kind: 'resource' | 'language';
  readonly name: string;
  readonly version: string;
}

/** Whether a folder among the engine's plugins holds one that this package serves. */
export const isPlaced = (folder: string): boolean => folder.endsWith(OURS);

/**
 * Puts plugins into a folder of the engine's plugins, and removes our others from it. On PATH the engine would warn of each
 * use.
 */
export const placePlugins = (root: string, plugins: readonly PlacedPlugin[]): void => {
  const wanted = new Map(
    plugins.map((plugin) => [`${plugin.kind}-${plugin.name}-v${plugin.version}${OURS}`, plugin]),
  );
  for (const folder of existsSync(root) ? readdirSync(root) : [])
    if (isPlaced(folder) && !wanted.has(folder)) rmSync(join(root, folder), { recursive: true, force: true });
  for (const [folder, { kind, name }] of wanted) {
    const path = join(root, folder, `pulumi-${kind}-${name}`);
    const script = scriptOf(name);
    if (existsSync(path) && readFileSync(path, 'utf8') === script) continue;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, script, { mode: 0o700 });
  }
};

const scriptOf = (name: string): string =>
  `#!/bin/sh\n# The engine starts this as its plugin ${name}.\nexec node '${pluginEntry().replaceAll("'", "'\\''")}' ${name} "$@"\n`;

/** Beside this file in dist/, or in the dist/ of the package when this is the source. */
const pluginEntry = (): string => {
  const candidates = ['../../../cli/plugin.js', '../../../dist/cli/plugin.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find(existsSync) ?? candidates[0] ?? '';
};
