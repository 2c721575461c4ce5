import { createServer } from 'node:net';
import type { Check } from '../types.js';

/** Local servers and the resource provider listen on 127.0.0.1, on ports that the system gives out. */
export const checkLoopback: Check = async () => {
  const server = createServer();
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ host: '127.0.0.1', port: 0 }, done);
    });
    return { name: 'loopback', status: 'ok', detail: 'ports can be opened on 127.0.0.1' };
  } catch (error) {
    return {
      name: 'loopback',
      status: 'fail',
      detail: `no port can be opened on 127.0.0.1: ${(error as Error).message}`,
      fix: 'allow this user to listen on the loopback interface (sandbox, container or firewall settings)',
    };
  } finally {
    server.close();
  }
};
