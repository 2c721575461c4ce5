import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { GetProgramDependenciesRequest } from './messages.js';

const names = z.record(z.string(), z.unknown()).default({});
const packageSchema = z.object({ version: z.string().default(''), dependencies: names });

/** The packages that a program's package.json asks for, in the versions that are installed; with all that they ask for. */
export const programDependencies = (
  request: GetProgramDependenciesRequest,
): { readonly name: string; readonly version: string }[] => {
  const root = packageAbove(request.getInfo()?.getProgramDirectory() ?? '');
  if (root === undefined) return [];
  const found = new Map<string, string>();
  const collect = (folder: string): void => {
    for (const name of Object.keys(readPackage(folder)?.dependencies ?? {})) {
      const place = installedIn(folder, name);
      if (place === undefined || found.has(name)) continue;
      found.set(name, readPackage(place)?.version ?? '');
      if (request.getTransitivedependencies()) collect(place);
    }
  };
  collect(root);
  return [...found].map(([name, version]) => ({ name, version }));
};

const packageAbove = (folder: string): string | undefined => foldersUp(folder).find(hasPackage);

const installedIn = (folder: string, name: string): string | undefined =>
  foldersUp(folder)
    .map((parent) => join(parent, 'node_modules', name))
    .find(hasPackage);

const foldersUp = (folder: string): string[] => {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUp(parent)];
};

const hasPackage = (folder: string): boolean => existsSync(join(folder, 'package.json'));

const readPackage = (folder: string): z.infer<typeof packageSchema> | undefined => {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return undefined;
  }
};
