import { holdsData } from '../data-types.js';
import type { Rule } from '../rule.js';
import type { Held, PreviewedResource, Promises } from '../subject.js';
import { valueAt } from '../values.js';
import { PASSED, violated } from '../verdict.js';

/** Whoever is on hold, and has something in the resource: by its own id, or as one of those whose data the stack has. */
const heldIn = ({ inputs }: PreviewedResource, { held, tenants }: Promises): Held | undefined => {
  const tenantId = valueAt(inputs, 'tenantId');
  return held.find((one) =>
    typeof tenantId === 'string' ? one.tenantId === tenantId : tenants.some(({ slug }) => slug === one.slug),
  );
};

export const legalHolds: Rule = {
  name: 'legal-holds',
  description: 'Nothing of a tenant on hold is deleted or replaced, whoever allows it',
  why: 'A hold is the word of a court or an authority',
  level: 'mandatory',
  withoutExceptions: 'end the hold with `ringfence holds release`',
  judgeChange: (resource, promises) => {
    if (!holdsData(resource.type) || !['replace', 'delete'].includes(resource.action)) return undefined;
    const holder = heldIn(resource, promises);
    return holder
      ? violated(
          `has data of tenant ${holder.slug}, which is on hold (${holder.hold})`,
          `undo the change, or end the hold first with \`ringfence holds release ${holder.slug}\``,
        )
      : PASSED;
  },
};
