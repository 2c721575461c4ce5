import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import type { Connection } from '../../data-plane/database/connect.js';
import type { CellHost, TargetContext } from '../../targets/target.js';
import type { ControlPlace } from './control-address.js';
import type { Project } from './project.js';

export const CONTROL_DATABASE = 'control';

/** The server of a control database on Amazon RDS. */
export interface ControlServer
  extends Pick<CellHost, 'network' | 'prepare' | 'wake' | 'whereabouts' | 'history'> {
  readonly place: ControlPlace;
  /** As its administrator. @param database the control database when left out. */
  connect(database?: string): Promise<Connection>;
}

/** Asks AWS for nothing yet. */
export const openControlServer = async (
  project: Project,
  place: ControlPlace,
  context: Omit<TargetContext, 'home'>,
): Promise<ControlServer> => {
  const { rdsControl } = await import('../../targets/aws/control.js');
  const host = rdsControl(place, { ...context, dir: join(project.home, 'control'), isOurs: true });
  const { network, prepare, wake, whereabouts, history } = host;
  return {
    ...{ network, prepare, wake, whereabouts, history, place },
    async connect(database = CONTROL_DATABASE) {
      if (network.caFile !== undefined && !existsSync(network.caFile)) await network.keep(undefined);
      return { ...(await host.adminConnection()), database };
    },
  };
};

/** @throws RingfenceError as `error`, with what to do about a server that does not answer. */
export const explainUnreachable = (error: unknown, { rdsInstance, region }: ControlPlace): unknown =>
  error instanceof RingfenceError && error.code === 'database_unavailable'
    ? new RingfenceError(
        error.code,
        `the control database on instance ${rdsInstance} in ${region} does not answer`,
        {
          fix: 'run Ringfence in its network, with its clients’ security group, or through a tunnel (docs/reach.md)',
          cause: error,
        },
      )
    : error;
