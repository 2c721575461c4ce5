import { z } from 'zod';
import {
  ensureLocalServer,
  localServerStatus,
  purgeLocalServer,
  runningLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { cellLoss, dataLost } from '../../data-plane/database/server/lost-data.js';
import { refuseEnrolled } from '../../data-plane/enrolment/refuse-enrolled.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({ cell: z.string(), port: z.number().int().optional() });
const outputs = z.object({ host: z.string(), currentPort: z.number().int() });

export const LocalServer = declareResource('ringfence:index:LocalServer', inputs, outputs);

/** `ringfence:index:LocalServer`: the embedded Postgres of a local cell. Outputs: host, port. */
export const localServer = (
  target: Pick<Target, 'server' | 'cellDir' | 'refuseInhabited' | 'adminConnection' | 'reached'>,
): ServedResource => {
  /** The engine would replace a missing server by a new, empty one. */
  const refuseLost = async (cell: string): Promise<void> => {
    const server = await target.server(cell);
    if ((await server.state()) === 'lost') throw dataLost(target.cellDir(cell), cellLoss(cell));
  };
  const up = async ({ cell, port }: z.infer<typeof inputs>) => {
    await refuseLost(cell);
    const wanted = port === undefined ? {} : { port };
    const server = await ensureLocalServer(target.cellDir(cell), { ...wanted, archiving: true });
    target.reached('server-started');
    return { host: server.host, currentPort: server.port };
  };
  return defineResource({
    inputs,
    identity: ['cell'],
    id: ({ cell }) => `local-server/${cell}`,
    create: up,
    update: up,
    read: async ({ cell }) => {
      const server = runningLocalServer(target.cellDir(cell));
      if (server) return { host: server.host, currentPort: server.port };
      await refuseLost(cell);
      return localServerStatus(target.cellDir(cell)) === 'absent' ? undefined : {};
    },
    remove: async ({ cell }) => {
      await target.refuseInhabited(cell);
      if (runningLocalServer(target.cellDir(cell))) await refuseEnrolled(await target.adminConnection(cell));
      purgeLocalServer(target.cellDir(cell));
    },
  });
};
