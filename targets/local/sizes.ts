import type { Size } from '../../core/sizes.js';
import type { ServerSettings } from '../../data-plane/database/server/size/settings.js';

/** Whatever the size: how many tenants may be on their way into a cell, or have moved from it and may come back. */
const STREAMS = { maxStreams: 60, maxSlots: 70, maxSenders: 70 } as const;

/**
 * What a size class means for the embedded Postgres. `small` is what a server is made with. The larger ones take a fifth to a
 * quarter of a machine of 2, 8 and 32 GiB as shared memory, by the rule of thumb of Postgres's manual (19.4.1), and count on half to
 * three quarters of it as cache.
 */
export const LOCAL_SIZES: Readonly<Record<Size, ServerSettings>> = {
  small: {
    sharedBuffersMb: 128,
    workMemMb: 4,
    maintenanceWorkMemMb: 64,
    effectiveCacheMb: 4_096,
    maxWorkerProcesses: 72,
    maxParallelWorkers: 8,
    maxConnections: 200,
    ...STREAMS,
  },
  medium: {
    sharedBuffersMb: 512,
    workMemMb: 8,
    maintenanceWorkMemMb: 128,
    effectiveCacheMb: 4_096,
    maxWorkerProcesses: 72,
    maxParallelWorkers: 8,
    maxConnections: 300,
    ...STREAMS,
  },
  large: {
    sharedBuffersMb: 2_048,
    workMemMb: 16,
    maintenanceWorkMemMb: 512,
    effectiveCacheMb: 6_144,
    maxWorkerProcesses: 80,
    maxParallelWorkers: 16,
    maxConnections: 400,
    ...STREAMS,
  },
  xlarge: {
    sharedBuffersMb: 8_192,
    workMemMb: 32,
    maintenanceWorkMemMb: 1_024,
    effectiveCacheMb: 24_576,
    maxWorkerProcesses: 96,
    maxParallelWorkers: 32,
    maxConnections: 800,
    ...STREAMS,
  },
};
