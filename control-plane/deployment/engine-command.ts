import { mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import type { Engine } from '../engine/types.js';
import type { Workspace } from './workspace.js';

/**
 * The Automation API's handle on an engine. It looks for `<root>/bin/pulumi`, so the workspace keeps a link there
 * that follows the engine that was found.
 */
export const engineCommand = async (engine: Engine, workspace: Workspace): Promise<PulumiCommand> => {
  const { PulumiCommand } = await import('@pulumi/pulumi/automation/index.js');
  const root = join(workspace.dir, 'engine');
  const link = join(root, 'bin', 'pulumi');
  if (linkTarget(link) !== engine.path) {
    mkdirSync(dirname(link), { recursive: true });
    const draft = `${link}.${process.pid}`;
    symlinkSync(engine.path, draft);
    renameSync(draft, link);
  }
  return PulumiCommand.get({ root, skipVersionCheck: true });
};

const linkTarget = (link: string): string | undefined => {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
};
