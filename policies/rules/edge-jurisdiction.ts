import { isWithinEu } from '../../core/regions.js';
import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { documentOf, UNKNOWN, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated } from '../verdict.js';

const EU = 'eu';

/** What the Worker is told of a tenant's object: it puts it there, and no input of a resource does. */
const ofEntry = ({ inputs }: Resource, { tenants }: Judging): Verdict | undefined => {
  const entry = documentOf(valueAt(inputs, 'value'));
  if (entry === UNKNOWN) return cannotTell('what it tells of a tenant: only the deployment knows it');
  // Nobody gets as far as the object of a tenant that is closed.
  if (typeof entry?.tenant !== 'string' || entry.closed === true) return undefined;
  const tenant = tenants.find(({ slug }) => slug === entry.tenant);
  if (!tenant) return cannotTell(`what was promised to tenant ${entry.tenant}: no manifest of it is known`);
  if (!isWithinEu(tenant.residency) || entry.jurisdiction === EU) return PASSED;
  return violated(
    `puts the object of tenant ${tenant.slug} outside of jurisdiction ${EU}, against residency ${tenant.residency}`,
    `give its entry \`jurisdiction: ${EU}\``,
  );
};

export const edgeJurisdiction: Rule = {
  name: 'edge-jurisdiction',
  description: 'The object at the edge of a tenant in the EU is put into jurisdiction eu',
  why: 'An object stays where it was made first: one of the same name in a jurisdiction is another one, and the first is forgotten there',
  level: 'mandatory',
  judgeResource: (resource, judging) =>
    resource.type === 'cloudflare:index/workersKv:WorkersKv' ? ofEntry(resource, judging) : undefined,
};
