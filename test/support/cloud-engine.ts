import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KnownId } from '../../control-plane/engine/run/adopt-pending.js';
import type { ResourceChange } from '../../control-plane/engine/run/change.js';
import { openRunner } from '../../control-plane/engine/run/open-runner.js';
import { deployStack, destroyStack, previewStack } from '../../control-plane/engine/run/stack-run.js';
import { openProject } from '../../control-plane/project/project.js';
import { openState } from '../../control-plane/project/state/open-state.js';
import type { Target } from '../../stacks/protocol/provider/dependencies.js';
import {
  type ResourceOperation,
  type ServedProvider,
  serveProvider,
} from '../../stacks/protocol/provider/serve.js';
import type { Cloud } from './aws/stand-in/cloud.js';
import { engineCacheDir } from './cli.js';

type Program = () => Record<string, unknown>;

/** The real engine with the stand-in for a cloud, and one stack. */
export interface CloudEngine {
  readonly cloud: Cloud;
  /** What the cloud has, in the order of types and ids. */
  stored(): ReturnType<Cloud['list']>;
  /** The folder of its project. */
  readonly root: string;
  /** @returns the outputs, and what was done. */
  deploy(
    program: Program,
    options?: { readonly knownId?: KnownId },
  ): Promise<{ outputs: Record<string, unknown>; operations: ResourceOperation[] }>;
  /** What a deployment would change, after a look at what there is. */
  preview(program: Program): Promise<readonly ResourceChange[]>;
  destroy(): Promise<void>;
  close(): void;
}

export const openCloudEngine = async (of: {
  readonly stack: string;
  readonly openCloud: (dir: string) => Cloud;
  readonly standIn: (cloud: Cloud) => ServedProvider;
}): Promise<CloudEngine> => {
  const { stack } = of;
  const root = mkdtempSync(join(tmpdir(), 'ringfence-cloud-'));
  const cloud = of.openCloud(join(root, 'cloud'));
  const env = { ...process.env, RINGFENCE_ENGINE_CACHE: engineCacheDir() };
  // No resource of ours is among them.
  const project = openProject(root);
  const runner = await openRunner({ project, env }, openState(project, env), {} as Target);
  const served = await serveProvider(of.standIn(cloud));
  const withCloud = { ...runner, ringfence: served };
  const run = (program: Program) => ({ stack, program: async () => program(), ownProviders: true });
  let isThere = false;
  return {
    cloud,
    stored: () => cloud.list().sort((a, b) => (a.type + a.id < b.type + b.id ? -1 : 1)),
    root,
    async deploy(program, options = {}) {
      const operations: ResourceOperation[] = [];
      const outputs = await deployStack(withCloud, {
        ...run(program),
        ...options,
        recover: isThere,
        refresh: isThere,
        onChange: ({ action, type, name }) => {
          if (action === 'create' || action === 'update' || action === 'delete')
            operations.push({ action, type, name });
        },
      }).finally(() => {
        isThere = true;
      });
      return { outputs, operations };
    },
    preview: (program) =>
      previewStack(withCloud, { ...run(program), recover: false, exists: isThere, refresh: isThere }),
    destroy: () => destroyStack(withCloud, { stack, program: async () => ({}), recover: true }),
    close() {
      served.close();
      runner.ringfence.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
};
