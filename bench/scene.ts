import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { purgeAll } from '../control-plane/cells/cells-down.js';
import { openRuntime } from '../control-plane/open-runtime.js';
import { openProject, type Project } from '../control-plane/project/project.js';
import type { Runtime } from '../control-plane/runtime.js';
import { asToolkit } from '../core/caller.js';
import { type BenchCell, openBenchCell } from './cell.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface Scene {
  readonly project: Project;
  readonly runtime: Runtime;
  /** The cell that benches of the data plane share; deployed when the first one asks. */
  cell(): Promise<BenchCell>;
  close(): Promise<void>;
}

/** A project of its own in a temporary folder, with the repository's engine; everything goes at the end. */
export const openScene = async (): Promise<Scene> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const project = openProject(dir);
  const env = { RINGFENCE_ENGINE_CACHE: join(root, '.ringfence', 'engine'), ...process.env };
  const runtime = await openRuntime({
    project,
    caller: asToolkit({ correlationId: randomUUID() }),
    env,
    onProgress: (line) => console.error(line),
  });
  let cell: Promise<BenchCell> | undefined;
  return {
    project,
    runtime,
    cell: () => {
      cell ??= openBenchCell(runtime);
      return cell;
    },
    close: async () => {
      await runtime.close();
      await purgeAll(project, process.env);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
