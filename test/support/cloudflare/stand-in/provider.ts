import { CLOUDFLARE_VERSION } from '../../../../stacks/names.js';
import type { ServedProvider } from '../../../../stacks/protocol/provider/serve.js';
import type { Cloud } from '../../aws/stand-in/cloud.js';
import { DESCRIPTIONS } from '../descriptions.js';
import { standInResource } from './resource.js';
import { THINGS } from './things.js';

/**
 * Serves the resource types of @pulumi/cloudflare that the edge uses, out of an account in a folder. Any input that others do not
 * describe is an error, and so is a token in the configuration: it would be in the state.
 */
export const cloudflareStandIn = (cloud: Cloud): ServedProvider => ({
  name: 'cloudflare',
  version: CLOUDFLARE_VERSION,
  configure: (config) => {
    const given = Object.keys(config).filter((name) => name !== 'version');
    if (given.length > 0) throw new TypeError(`the provider takes no ${given.join(', ')}`);
  },
  resources: Object.fromEntries(
    Object.entries(DESCRIPTIONS.types).map(([token, description]) => {
      const thing = THINGS[token];
      if (!thing) throw new TypeError(`nobody says how ${token} is made`);
      return [token, standInResource(token, { description, thing, cloud })];
    }),
  ),
});
