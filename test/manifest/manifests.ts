import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadManifest, RingfenceError, type TenantInput } from '../../manifest/index.js';

/** The smallest manifest that holds, as YAML of eight lines. */
export const smallestYaml = (slug: string): string => `slug: ${slug}
legalName: Clínica Uno, S.L.
type: solo
admin: { name: Ana, email: ana@uno.example }
clinics:
  - slug: centro
    name: Centro
    vertical: dental
`;

/** The same as a value. */
export const smallest = (slug = 'uno'): TenantInput => ({
  slug,
  legalName: 'Clínica Uno, S.L.',
  type: 'solo',
  admin: { name: 'Ana', email: 'ana@uno.example' },
  clinics: [{ slug: 'centro', name: 'Centro', vertical: 'dental' }],
});

/** Runs `work` in a folder of its own that holds the given files. */
export async function inFolder<Result>(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (dir: string) => Promise<Result>,
): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'manifests-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The error of a load, its folder taken out of the message. */
export function failureOf(name: string, content: string | Uint8Array): Promise<RingfenceError> {
  return inFolder({ [name]: content }, (dir) => caught(() => loadManifest(join(dir, name)), dir));
}

export async function caught(work: () => Promise<unknown>, dir: string): Promise<RingfenceError> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    return new RingfenceError(error.code, error.message.replaceAll(`${dir}/`, ''), { cause: error.cause });
  }
  throw new Error('it was expected to fail');
}
