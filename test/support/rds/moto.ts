import { findPythonProgram, startPythonServer } from '../python-server.js';

/** The `moto_server` program; undefined, and why on the console, where it cannot be installed. */
export const findMoto = (): Promise<string | undefined> =>
  findPythonProgram({
    name: 'moto_server',
    variable: 'RINGFENCE_MOTO',
    // Flask is all that RDS and Secrets Manager need of `moto[server]`, which is three times as large.
    requirements: ['moto==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'],
  });

/** Starts the program on a free port. The caller stops it. */
export const startMoto = (program: string): Promise<{ readonly endpoint: string; stop(): Promise<void> }> =>
  startPythonServer(program, {
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
    ready: async (endpoint) => {
      const response = await fetch(`${endpoint}/moto-api/data.json`);
      if (!response.ok) throw new Error(`moto is not ready: ${response.status}`);
    },
  });
