import type { Rule } from '../rule.js';
import { isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, violated } from '../verdict.js';

export const schemaRelease: Rule = {
  name: 'schema-release',
  description: "A cell's schema and defences are those of the release that deploys",
  why: 'What keeps tenants apart is in the schema: an older one lacks defences that everything else relies on',
  level: 'mandatory',
  judgeResource: ({ type, inputs }, { schemaHash }) => {
    if (type !== 'ringfence:index:CellDatabase') return undefined;
    const found = valueAt(inputs, 'schemaHash');
    if (isHidden(found)) return cannotTell('its schema: only the deployment knows it');
    if (found !== schemaHash)
      return violated('has the schema of another release', 'run `ringfence cells up` with this release');
    const differences = valueAt(inputs, 'differences');
    if (isHidden(differences)) return cannotTell('how it differs: only the deployment knows it');
    return Array.isArray(differences) && differences.length > 0
      ? violated(
          `differs from its release in ${differences.length} places: ${String(differences[0])}`,
          'put it back with `ringfence cells repair`',
        )
      : PASSED;
  },
};
