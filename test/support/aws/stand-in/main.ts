import { connect } from 'node:net';
import { serveProvider } from '../../../../stacks/protocol/provider/serve.js';
import { openCloud } from './cloud.js';
import { awsStandIn } from './provider.js';
import { realCalls } from './real-calls.js';

// A process entry: the engine starts it as its plugin for AWS (place-plugin.ts) and reads the port from the first line.

const [dir = '', engineAddress = ''] = process.argv.slice(2);
const { port } = await serveProvider(awsStandIn(openCloud(dir), realCalls()));
process.stdout.write(`${port}\n`);
const [host = '', enginePort = ''] = engineAddress.split(':');
setInterval(() => {
  const socket = connect(Number(enginePort), host, () => socket.destroy());
  socket.once('error', () => process.exit(0));
}, 1_000).unref();
