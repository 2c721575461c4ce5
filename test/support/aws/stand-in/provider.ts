import { AWS_VERSION } from '../../../../stacks/names.js';
import type { ServedProvider } from '../../../../stacks/protocol/provider/serve.js';
import { DESCRIPTIONS } from '../description.js';
import { RESOURCE_TYPES } from '../resource-types.js';
import { ACCOUNT, type Cloud } from './cloud.js';
import { type RealCalls, standInResource } from './resource.js';
import { THINGS } from './things.js';

/** What the program's provider may be told. */
const CONFIGURATION = new Set([
  'allowedAccountIds',
  'region',
  'skipCredentialsValidation',
  'skipRegionValidation',
  'version',
]);

/**
 * Serves the resource types of @pulumi/aws that the programs use, out of a cloud in a folder. Any input that others do not describe
 * is an error.
 */
export const awsStandIn = (cloud: Cloud, calls: Readonly<Record<string, RealCalls>> = {}): ServedProvider => {
  let region = '';
  return {
    name: 'aws',
    version: AWS_VERSION,
    configure: (config) => {
      const unknown = Object.keys(config).filter((name) => !CONFIGURATION.has(name));
      if (unknown.length > 0) throw new TypeError(`the provider takes no ${unknown.join(', ')}`);
      if (JSON.stringify([ACCOUNT]) !== config.allowedAccountIds)
        throw new TypeError(`the account is ${ACCOUNT}`);
      region = String(config.region);
    },
    resources: Object.fromEntries(
      Object.entries(RESOURCE_TYPES).map(([token, type]) => {
        const description = DESCRIPTIONS.types[token];
        const thing = THINGS[token];
        if (!description || !thing) throw new TypeError(`${token} is not described`);
        const of = { description, type, thing, cloud, region: () => region, calls: calls[token] };
        return [token, standInResource(token, of)];
      }),
    ),
  };
};
