import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResourceChange } from '../../../control-plane/engine/run/change.js';
import { openRunner } from '../../../control-plane/engine/run/open-runner.js';
import { deployStack, destroyStack, previewStack } from '../../../control-plane/engine/run/stack-run.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Target } from '../../../stacks/protocol/provider/dependencies.js';
import { type ResourceOperation, serveProvider } from '../../../stacks/protocol/provider/serve.js';
import { engineCacheDir } from '../cli.js';
import { type Cloud, openCloud } from './stand-in/cloud.js';
import { awsStandIn } from './stand-in/provider.js';

type Program = () => Record<string, unknown>;

/** The real engine with the stand-in for AWS, and one stack. */
export interface AwsEngine {
  readonly cloud: Cloud;
  /** @returns the outputs, and what was done. */
  deploy(program: Program): Promise<{ outputs: Record<string, unknown>; operations: ResourceOperation[] }>;
  /** What a deployment would change, after a look at what there is. */
  preview(program: Program): Promise<readonly ResourceChange[]>;
  destroy(): Promise<void>;
  close(): void;
}

const STACK = 'aws.test';

export const openAwsEngine = async (): Promise<AwsEngine> => {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-aws-'));
  const cloud = openCloud(join(root, 'cloud'));
  const env = { ...process.env, RINGFENCE_ENGINE_CACHE: engineCacheDir() };
  // No resource of ours is among them.
  const runner = await openRunner({ project: openProject(root), env }, {} as Target);
  const aws = await serveProvider(awsStandIn(cloud));
  const withAws = { ...runner, ringfence: aws };
  const run = (program: Program) => ({ stack: STACK, program: async () => program(), ownProviders: true });
  let isThere = false;
  return {
    cloud,
    async deploy(program) {
      const operations: ResourceOperation[] = [];
      const outputs = await deployStack(withAws, {
        ...run(program),
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
      previewStack(withAws, { ...run(program), recover: false, exists: isThere, refresh: isThere }),
    destroy: () => destroyStack(withAws, { stack: STACK, program: async () => ({}), recover: true }),
    close() {
      aws.close();
      runner.ringfence.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
};
