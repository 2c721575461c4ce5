import { servePlugin } from '../../serve-plugin.js';
import { openAccount, TOKEN } from './account.js';
import { cloudflareStandIn } from './provider.js';

// A process entry: the engine starts it as its plugin for Cloudflare (place-plugin.ts). It has the token from its environment.

if (process.env.CLOUDFLARE_API_TOKEN !== TOKEN) throw new Error('10000 Authentication error');
const [dir = '', engineAddress = ''] = process.argv.slice(2);
await servePlugin(cloudflareStandIn(openAccount(dir)), engineAddress);
