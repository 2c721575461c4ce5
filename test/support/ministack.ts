import { findPythonProgram, startPythonServer } from './python-server.js';

/** A stand-in for AWS on the loopback interface. */
export interface Ministack {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Forgets all resources. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** The `ministack` program; undefined, and why on the console, where it cannot be installed. */
export const findMinistack = (): Promise<string | undefined> =>
  findPythonProgram({
    name: 'ministack',
    variable: 'RINGFENCE_MINISTACK',
    requirements: ['ministack==1.5.33'],
  });

/** Starts the program on a free port. The caller stops it. */
export const startMinistack = async (program: string): Promise<Ministack> => {
  const server = await startPythonServer(program, {
    env: (port) => ({ BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', GATEWAY_PORT: String(port) }),
    ready: reset,
  });
  return { ...server, reset: () => reset(server.endpoint) };
};

const reset = async (endpoint: string): Promise<void> => {
  const response = await fetch(`${endpoint}/_ministack/reset`, { method: 'POST' });
  if (!response.ok) throw new Error(`ministack does not reset: ${response.status}`);
};
