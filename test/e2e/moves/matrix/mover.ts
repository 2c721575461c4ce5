// A process that does parts of a tenant's moves as its messages say, one at a time, and ends itself at a point as a power cut would.
import { randomUUID } from 'node:crypto';
import { moveTenant } from '../../../../control-plane/moves/move-tenant.js';
import { rollbackMove } from '../../../../control-plane/moves/rollback-move.js';
import { withdrawPlacement } from '../../../../control-plane/moves/withdraw-placement.js';
import { openRuntime } from '../../../../control-plane/open-runtime.js';
import { openProject } from '../../../../control-plane/project/project.js';
import type { Runtime } from '../../../../control-plane/runtime.js';
import { abortOperation } from '../../../../control-plane/unfinished/abort-operation.js';
import { resumeOperation } from '../../../../control-plane/unfinished/resume-operation.js';

export type Part =
  | { readonly what: 'move' | 'withdraw'; readonly cell: string }
  | { readonly what: 'rollback' }
  | { readonly what: 'resume' | 'abort'; readonly operation: string };

/** What a mover is told to do; `killAt` ends it at that point. */
export type Errand = Part & { readonly slug: string; readonly killAt?: string };

/** What a mover answers when it is alive afterwards. */
export type Answer = { readonly error?: string };

const [root = '', home = ''] = process.argv.slice(2);
const LIMITS = { windowHours: 24, drainMs: 3_000 };

const perform = async (runtime: Runtime, errand: Errand): Promise<unknown> => {
  const { slug } = errand;
  switch (errand.what) {
    case 'move':
      return moveTenant(runtime, { slug, to: errand.cell, ...LIMITS });
    case 'rollback':
      return rollbackMove(runtime, { slug, ...LIMITS });
    case 'withdraw':
      return withdrawPlacement(runtime, { slug, cell: errand.cell });
    case 'resume':
      return resumeOperation(runtime, errand.operation, {
        manifestOf: () => Promise.reject(new Error('no manifest is read anew')),
      });
    case 'abort':
      return abortOperation(runtime, errand.operation);
  }
};

const answer = async (errand: Errand): Promise<Answer> => {
  const runtime = await openRuntime({
    project: openProject(root, home),
    caller: { who: 'matrix', door: 'cli', correlationId: randomUUID() },
    env: process.env,
    onProgress: () => undefined,
    reached: (point) => void (point === errand.killAt && process.kill(process.pid, 'SIGKILL')),
  });
  // Sending the control database's log to the object store is no part of a move.
  runtime.hasChanged = () => undefined;
  try {
    await perform(runtime, errand);
    return {};
  } catch (error) {
    const { code, message, fix } = error as { code?: string; message: string; fix?: string };
    return { error: `[${code}] ${message} (${fix})` };
  } finally {
    await runtime.close();
  }
};

process.on('message', (errand: Errand) => void answer(errand).then((said) => process.send?.(said)));
process.on('disconnect', () => process.exit(0));
