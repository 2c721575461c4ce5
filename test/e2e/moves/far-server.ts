import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { openRuntime } from '../../../control-plane/open-runtime.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import type { CliProject } from '../../support/cli.js';

/** A server as it is reached over a long line. */
export interface FarLine {
  readonly port: number;
  /** Breaks what goes on, and takes nothing new until `mend`. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** A line to a port of this machine. @param latencyMs of one direction. */
export const openLine = async (port: number, latencyMs: number): Promise<FarLine> => {
  const open = new Set<Socket>();
  let isCut = false;
  const late = (from: Socket, to: Socket): void => {
    from.on('data', (part) => {
      setTimeout(() => to.writable && to.write(part), latencyMs);
    });
    from.on('close', () => setTimeout(() => to.destroy(), latencyMs));
    from.on('error', () => undefined);
  };
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect({ host: '127.0.0.1', port });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
    late(near, far);
    late(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut: () => {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
};

/**
 * The services of a project for which some cells are at the end of such a line: for who moves a tenant, and for the other server of the
 * move. Applications are beside their cells.
 */
export const withFarCells = async <T>(
  project: CliProject,
  lines: ReadonlyMap<string, FarLine>,
  reached: (point: string) => void,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> => {
  const runtime = await openRuntime({
    project: openProject(project.root),
    caller: { who: 'tests', door: 'cli', correlationId: randomUUID() },
    env: project.env,
    onProgress: () => undefined,
    reached,
  });
  try {
    const { target } = runtime;
    return await work({
      ...runtime,
      target: {
        ...target,
        adminConnection: async (cell) => {
          const connection = await target.adminConnection(cell);
          const line = lines.get(cell);
          return line
            ? { ...connection, port: line.port, address: () => ({ host: '127.0.0.1', port: line.port }) }
            : connection;
        },
      },
    });
  } finally {
    await runtime.close();
  }
};
