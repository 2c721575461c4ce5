import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Description, Descriptions } from '../test/support/aws/description.js';
import { RESOURCE_TYPES } from '../test/support/aws/resource-types.js';
import { apiLimits } from './aws-descriptions/api-limits.js';
import { cloudFormation } from './aws-descriptions/cloud-formation.js';
import { terraform } from './aws-descriptions/terraform.js';
import { withDownloads } from './downloaded-package.js';

// Makes test/support/aws/descriptions.json: what the stand-in for AWS in the tests checks inputs against. The packages are
// too large to install (130 MB of metadata), and of their thousands of resource types the programs use some thirty.

const NPM = { '@cdktf/provider-aws': '21.22.1', '@aws-cdk/aws-service-spec': '0.1.216' };
const PYPI = { botocore: '1.43.5' };

withDownloads(({ dir, run, npm }) => {
  const npmFile = (name: keyof typeof NPM, file: string): Buffer => readFileSync(npm(name, NPM[name], file));
  const jsii = JSON.parse(npmFile('@cdktf/provider-aws', '.jsii').toString());
  const spec = JSON.parse(gunzipSync(npmFile('@aws-cdk/aws-service-spec', 'db.json.gz')).toString());
  run('python3', '-m', 'pip', 'download', '--no-deps', '--dest', 'wheel', `botocore==${PYPI.botocore}`);
  run('sh', '-c', 'python3 -m zipfile -e wheel/*.whl botocore');
  const describeTerraform = terraform(jsii);
  const describeCloudFormation = cloudFormation(spec);
  const { limitsOf, documentsOf } = apiLimits(join(dir, 'botocore', 'botocore', 'data'));

  const types = Object.fromEntries(
    Object.entries(RESOURCE_TYPES).map(([token, type]): [string, Description] => {
      const { inputs, computed } = describeTerraform(type.terraform);
      const { limits, replacedBy } = describeCloudFormation(type, inputs);
      const all: Record<string, Description['limits'][string]> = {};
      for (const found of [limits, limitsOf(type, inputs)])
        for (const [path, limit] of Object.entries(found)) all[path] = [...(all[path] ?? []), ...limit];
      const documents = type.documents === undefined ? {} : { documents: documentsOf(type) };
      return [token, { terraform: type.terraform, inputs, computed, limits: all, ...documents, replacedBy }];
    }),
  );
  const descriptions: Descriptions = { madeFrom: { ...NPM, ...PYPI }, types };
  writeFileSync(
    new URL('../test/support/aws/descriptions.json', import.meta.url),
    `${JSON.stringify(descriptions, null, 1)}\n`,
  );
});
