import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { groupsOf, isHidden, type Properties, SECRET, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

const FIX = 'keep it in the cell: the edge has secrets of the whole deployment only';

/** Secrets of the whole edge, whatever a tenant is called. */
const GLOBAL: ReadonlySet<unknown> = new Set(['OPERATOR_KEY', 'ORIGIN_KEY']);

/** Names compare without case and separators: `TOKEN_CLINICA_SONRISA` names clinica-sonrisa. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

const tenantNamedIn = (text: unknown, { tenants }: Judging): string | undefined =>
  typeof text === 'string'
    ? tenants.map(({ slug }) => slug).find((slug) => plain(text).includes(plain(slug)))
    : undefined;

const bindings = ({ inputs }: Resource, judging: Judging): Verdict | undefined => {
  const { groups, hidden } = groupsOf(valueAt(inputs, 'bindings'));
  return worst([
    PASSED,
    ...groups.map((binding) => ofBinding(binding, judging)),
    ...(hidden ? [cannotTell('its bindings: only the deployment knows them')] : []),
  ]);
};

const ofBinding = (binding: Properties, judging: Judging): Verdict | undefined => {
  if (isHidden(binding.type) || isHidden(binding.name))
    return cannotTell('a binding: only the deployment knows it');
  if (binding.type !== 'secret_text' && binding.text !== SECRET) return undefined;
  return ofTenant(binding.name, judging);
};

const ofTenant = (name: unknown, judging: Judging): Verdict => {
  if (isHidden(name)) return cannotTell('the name of a secret: only the deployment knows it');
  if (GLOBAL.has(name)) return PASSED;
  const slug = tenantNamedIn(name, judging);
  return slug ? violated(`has a secret of tenant ${slug} (${name})`, FIX) : PASSED;
};

/** Everybody with the key of an account reads its key-value pairs. */
const pair = ({ inputs }: Resource): Verdict => {
  const value = valueAt(inputs, 'value');
  if (value === SECRET) return violated('holds a secret where it can be read', FIX);
  return isHidden(value) ? cannotTell('what it holds: only the deployment knows it') : PASSED;
};

const JUDGES: Readonly<Record<string, (resource: Resource, judging: Judging) => Verdict | undefined>> = {
  'cloudflare:index/workersKv:WorkersKv': pair,
  'cloudflare:index/workersScript:WorkersScript': bindings,
  'cloudflare:index/workersSecret:WorkersSecret': ({ inputs }, judging) =>
    ofTenant(valueAt(inputs, 'name'), judging),
};

export const edgeSecrets: Rule = {
  name: 'edge-secrets',
  description: 'The edge has no secret of a tenant',
  why: 'One Worker serves every tenant: what it can read, a fault in it can show to any of them',
  level: 'mandatory',
  judgeResource: (resource, judging) => JUDGES[resource.type]?.(resource, judging),
};
