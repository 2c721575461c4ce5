import { z } from 'zod';
import { SIZES } from '../../core/sizes.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { putServerSettings } from '../../data-plane/database/server/size/put-settings.js';
import { bySetting, findSettings } from '../../data-plane/database/server/size/settings.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  /** The class, as whoever asked for it named it. */
  size: z.enum(SIZES),
  ...bySetting(() => z.number()),
});
type Inputs = z.infer<typeof inputs>;

export const ServerSettings = declareResource('ringfence:index:ServerSettings', inputs);

/** `ringfence:index:ServerSettings`: what the size class of a local cell means for its server. An update may restart it. */
export const serverSettings = (
  target: Pick<Target, 'cellDir' | 'noteRestart' | 'reached'>,
): ServedResource => {
  const put = async ({ cell, size, ...settings }: Inputs) => {
    const pauseMs = await putServerSettings(target.cellDir(cell), settings, target.reached);
    if (pauseMs !== null) await target.noteRestart(cell, pauseMs);
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell'],
    id: ({ cell }) => `server-settings/${cell}`,
    create: put,
    update: put,
    read: async ({ cell, size, ...settings }) => {
      const server = runningLocalServer(target.cellDir(cell));
      if (!server) return {};
      const found = await withConnection({ ...server, database: 'postgres' }, (client) =>
        findSettings(client, settings),
      );
      return Object.fromEntries(found.map(({ key, found: value }) => [key, value]));
    },
    // They go with the server.
    remove: async () => undefined,
  });
};
