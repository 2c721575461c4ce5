import { connect } from 'node:net';
import { type ServedProvider, serveProvider } from '../../stacks/protocol/provider/serve.js';

/** Serves a stand-in as the engine's plugin, until the engine ends: it reads the port from the first line. */
export const servePlugin = async (provider: ServedProvider, engineAddress: string): Promise<void> => {
  const { port } = await serveProvider(provider);
  process.stdout.write(`${port}\n`);
  const [host = '', enginePort = ''] = engineAddress.split(':');
  setInterval(() => {
    const socket = connect(Number(enginePort), host, () => socket.destroy());
    socket.once('error', () => process.exit(0));
  }, 1_000).unref();
};
