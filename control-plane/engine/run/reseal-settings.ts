import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ifThere } from '../../../core/files/if-there.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { sealFields } from './stack-seal.js';
import { plainSettingsDir, type Workspace } from './workspace.js';

/** A stack's settings; what is not of the seal, a person has put there. */
const settings = z.looseObject({
  encryptionsalt: z.unknown().optional(),
  encryptedkey: z.unknown().optional(),
  secretsprovider: z.unknown().optional(),
});

/** Stacks with secret settings of a person's own, which the seal of the state has sealed. */
export const stacksWithOwnSecrets = (workspace: Pick<Workspace, 'dir'>): string[] =>
  namesIn(plainSettingsDir(workspace)).flatMap((name) => {
    const text = JSON.stringify(ownOf(join(plainSettingsDir(workspace), name)));
    return text.includes('{"secure":') ? [stackOf(name)] : [];
  });

/** After the state has another seal: settings name that one, and keep what a person has put there. */
export const resealSettings = async (workspace: Workspace): Promise<void> => {
  const dir = plainSettingsDir(workspace);
  for (const name of namesIn(dir)) {
    const path = join(dir, name);
    const own = ownOf(path);
    // Without any, they are written as they are needed.
    if (Object.keys(own).length === 0) rmSync(path, { force: true });
    else replaceFile(path, stringify({ ...(await sealFields(workspace, stackOf(name))), ...own }));
  }
  const runs = join(workspace.dir, 'stacks');
  for (const stack of ifThere(() => readdirSync(runs)) ?? [])
    rmSync(join(runs, stack, `Pulumi.${stack}.yaml`), { force: true });
};

const NAME = /^Pulumi\.(.+)\.yaml$/;

const namesIn = (dir: string): string[] =>
  (ifThere(() => readdirSync(dir)) ?? []).filter((name) => NAME.test(name));

const stackOf = (name: string): string => NAME.exec(name)?.[1] ?? '';

const ownOf = (path: string): Readonly<Record<string, unknown>> => {
  const { encryptionsalt, encryptedkey, secretsprovider, ...own } = settings.parse(
    parse(readFileSync(path, 'utf8')) ?? {},
  );
  return own;
};
