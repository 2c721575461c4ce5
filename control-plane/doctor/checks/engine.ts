import type { Engine } from '../../engine/types.js';
import { ENGINE_MINIMUM_VERSION, ENGINE_VERSION } from '../../engine/version.js';
import type { Check } from '../types.js';

/** Names the engine that commands will use, and where it came from. A broken RINGFENCE_PULUMI fails. */
export const checkEngine: Check = async ({ lookup }) => {
  const { engine, skipped, error } = lookup;
  if (error) throw error;
  const passedOver = skipped.map((line) => `; ${line.charAt(0).toLowerCase()}${line.slice(1)}`).join('');
  if (!engine) {
    return {
      name: 'engine',
      status: 'warn',
      detail: `no Pulumi engine yet: the next command that deploys downloads ${ENGINE_VERSION}, or builds it from its Go modules${passedOver}`,
      fix: `nothing, or set RINGFENCE_PULUMI to a pulumi binary (${ENGINE_MINIMUM_VERSION} or newer)`,
      data: { version: null, skipped },
    };
  }
  return {
    name: 'engine',
    status: 'ok',
    detail: `Pulumi ${engine.version}, ${provenance(engine)}: ${engine.path}${passedOver}`,
    data: {
      version: engine.version,
      path: engine.path,
      source: engine.source,
      origin: engine.origin ?? null,
      skipped,
    },
  };
};

const provenance = (engine: Engine): string => {
  if (engine.source === 'env') return 'named by RINGFENCE_PULUMI';
  if (engine.source === 'path') return 'found on PATH';
  if (engine.origin === 'build') return 'built from Go modules, in the cache';
  if (engine.origin === 'download') return 'downloaded, in the cache';
  return 'in the cache, put there by hand';
};
