import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { bySetting, findSettings } from '../../data-plane/database/server/size/settings.js';
import { dropReplica, ensureReplica, putReplicaSettings } from '../../data-plane/replica/ensure-replica.js';
import { readReplica, replicaConnection } from '../../data-plane/replica/replica-status.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  /** Where it reaches its primary. */
  primaryPort: z.number().int(),
  /** False where a read found that it gets nothing from its primary. */
  streaming: z.boolean(),
  ...bySetting(() => z.number()),
});
type Inputs = z.infer<typeof inputs>;

export const LocalReplica = declareResource('ringfence:index:LocalReplica', inputs);

/** `ringfence:index:LocalReplica`: a standby of a local cell's server on the same machine, of the same size. */
export const localReplica = (target: Pick<Target, 'cellDir' | 'reached'>): ServedResource => {
  const put = async ({ cell, primaryPort, streaming, ...settings }: Inputs) => {
    const dir = target.cellDir(cell);
    await ensureReplica(dir, target.reached);
    await putReplicaSettings(dir, settings, target.reached);
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell'],
    id: ({ cell }) => `local-replica/${cell}`,
    create: put,
    update: put,
    read: async ({ cell, primaryPort, streaming, ...settings }) => {
      const dir = target.cellDir(cell);
      const replica = await readReplica(dir);
      if (!replica) return undefined;
      const connection = replicaConnection(dir);
      const found = connection
        ? await withConnection(connection, (client) => findSettings(client, settings))
        : [];
      return {
        streaming: replica.state === 'streaming',
        ...Object.fromEntries(found.map(({ key, found: value }) => [key, value])),
      };
    },
    remove: async ({ cell }) => dropReplica(target.cellDir(cell)),
  });
};
