import { readFileSync, writeFileSync } from 'node:fs';
import type { Description, Descriptions } from '../test/support/aws/description.js';
import { RESOURCE_TYPES } from '../test/support/cloudflare/resource-types.js';
import { terraform } from './aws-descriptions/terraform.js';
import { availableValues } from './cloudflare-descriptions/available-values.js';
import { withDownloads } from './downloaded-package.js';

// Makes test/support/cloudflare/descriptions.json: what the stand-in for Cloudflare in the tests checks inputs against. The package is
// too large to install (25 MB of metadata) for eight resource types.

const NPM = { '@cdktf/provider-cloudflare': '13.9.1' };
const PACKAGE = '@cdktf/provider-cloudflare';

withDownloads(({ npm }) => {
  const jsii = JSON.parse(readFileSync(npm(PACKAGE, NPM[PACKAGE], '.jsii'), 'utf8'));
  const describe = terraform(jsii);
  const limitsOf = availableValues(jsii);
  const types = Object.fromEntries(
    Object.entries(RESOURCE_TYPES).map(([token, { terraform: name, replacedBy }]): [string, Description] => {
      const [file = '', cls = ''] = token.replace('cloudflare:index/', '').split(':');
      const limits = limitsOf(`${PACKAGE}.${file}.${cls}Config`);
      return [token, { terraform: name, ...describe(name), limits, replacedBy }];
    }),
  );
  const descriptions: Descriptions = { madeFrom: NPM, types };
  writeFileSync(
    new URL('../test/support/cloudflare/descriptions.json', import.meta.url),
    `${JSON.stringify(descriptions, null, 1)}\n`,
  );
});
