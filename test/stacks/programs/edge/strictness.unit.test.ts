import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { checkInputs } from '../../../support/aws/check-inputs.js';
import { DESCRIPTIONS } from '../../../support/cloudflare/descriptions.js';
import { RESOURCE_TYPES } from '../../../support/cloudflare/resource-types.js';

const SCRIPT = 'cloudflare:index/workersScript:WorkersScript';
const HOSTNAME = 'cloudflare:index/customHostname:CustomHostname';
const script = { accountId: 'a', scriptName: 's' };
const hostname = { zoneId: 'z', hostname: 'h' };

const refusalsOf = (token: string, inputs: Properties): string[] => {
  const description = DESCRIPTIONS.types[token];
  if (!description) throw new Error(`${token} is not described`);
  return checkInputs(description, {}, inputs).map(({ property, reason }) => `${property}: ${reason}`);
};

test.each<[string, string, Properties, string]>([
  [
    'a jurisdiction, which is no input',
    SCRIPT,
    { ...script, jurisdiction: 'eu' },
    'jurisdiction: cloudflare_workers_script has no jurisdiction (cdktf)',
  ],
  ['a missing input', SCRIPT, { accountId: 'a' }, ': cloudflare_workers_script needs scriptName (cdktf)'],
  ['another type', SCRIPT, { ...script, content: 1 }, 'content: is a number, not a string (cdktf)'],
  [
    'an unknown name inside',
    SCRIPT,
    { ...script, migrations: { newTag: 'v1', newSqliteClass: ['A'] } },
    'migrations.newSqliteClass: cloudflare_workers_script has no newSqliteClass (cdktf)',
  ],
  [
    'a missing name inside',
    SCRIPT,
    { ...script, bindings: [{ type: 'kv_namespace' }] },
    'bindings: cloudflare_workers_script needs name (cdktf)',
  ],
  [
    'a word that is none',
    HOSTNAME,
    { ...hostname, ssl: { method: 'carrier-pigeon' } },
    'ssl.method: "carrier-pigeon" is none of http, txt, email (cdktf)',
  ],
  [
    'a word that is none, deep inside',
    HOSTNAME,
    { ...hostname, ssl: { settings: { minTlsVersion: '0.9' } } },
    'ssl.settings.minTlsVersion: "0.9" is none of 1.0, 1.1, 1.2, 1.3 (cdktf)',
  ],
])('the descriptions refuse %s', (_, token, inputs, refusal) => {
  expect(refusalsOf(token, inputs)).toEqual([refusal]);
});

test('the descriptions are of the package that the script names, for every type that is used', () => {
  const text = readFileSync(
    new URL('../../../../scripts/cloudflare-descriptions.ts', import.meta.url),
    'utf8',
  );
  for (const [name, version] of Object.entries(DESCRIPTIONS.madeFrom))
    expect(text).toContain(`'${name}': '${version}'`);
  expect(Object.keys(DESCRIPTIONS.types)).toEqual(Object.keys(RESOURCE_TYPES));
  for (const [token, { terraform, inputs, computed, replacedBy }] of Object.entries(DESCRIPTIONS.types)) {
    expect(terraform).toBe(RESOURCE_TYPES[token]?.terraform);
    expect(replacedBy.filter((name) => !(name in inputs))).toEqual([]);
    expect(computed).toContain('id');
  }
});
