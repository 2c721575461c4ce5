import { edgeStack } from '../../../stacks/names.js';
import { type CloudEngine, openCloudEngine } from '../cloud-engine.js';
import { openAccount } from './stand-in/account.js';
import { cloudflareStandIn } from './stand-in/provider.js';

/** The real engine with the stand-in for Cloudflare, and the stack of one edge. */
export const openEdgeEngine = (): Promise<CloudEngine> =>
  openCloudEngine({ stack: edgeStack('main'), openCloud: openAccount, standIn: cloudflareStandIn });
