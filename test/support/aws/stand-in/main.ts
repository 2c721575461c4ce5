import { servePlugin } from '../../serve-plugin.js';
import { openCloud } from './cloud.js';
import { awsStandIn } from './provider.js';
import { realCalls } from './real-calls.js';

// A process entry: the engine starts it as its plugin for AWS (place-plugin.ts).

const [dir = '', engineAddress = ''] = process.argv.slice(2);
await servePlugin(awsStandIn(openCloud(dir), realCalls()), engineAddress);
