import { fileURLToPath } from 'node:url';
import { invalidManifest } from './parse.js';
import { displayPath } from './read-source.js';

/**
 * The default export of a TypeScript manifest.
 *
 * jiti compiles it in memory, so that the built CLI reads it on Node 20 without a build step of the user's,
 * and `import { defineTenant } from 'ringfence'` means this very package. A TypeScript manifest is a
 * program: it runs with the rights of whoever loads it, unlike a YAML one.
 */
export async function readTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    alias: { ringfence: fileURLToPath(new URL('./index.js', import.meta.url)) },
  });
  const shown = displayPath(path);
  const module = await jiti.import<{ default?: unknown }>(path).catch((error: unknown) => {
    throw invalidManifest([`${shown}: does not run: ${reasonOf(error, path, shown)}`], error);
  });
  if ('default' in module) return module.default;
  throw invalidManifest([`${shown}: has no default export; allowed: export default defineTenant({ ... })`]);
}

/** The first lines of a compiler's message, with the file as the user knows it. */
function reasonOf(error: unknown, path: string, shown: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(path, shown).replace(/\s+/g, ' ').trim().slice(0, 300);
}
