import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
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
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    alias: { ringfence: fileURLToPath(new URL('../index.js', import.meta.url)) },
  });
  const shown = displayPath(path);
  let value: unknown;
  try {
    value = await jiti.import(path, { default: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidManifest(
      [`${shown}: does not run: ${(reason.split('\n')[0] ?? reason).slice(0, 300)}`],
      error,
    );
  }
  if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) return value;
  throw invalidManifest([`${shown}: has no default export; allowed: export default defineTenant({ ... })`]);
}
