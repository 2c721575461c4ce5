import { holdsData } from '../data-types.js';
import type { Rule } from '../rule.js';
import { PASSED, violated } from '../verdict.js';

export const keptData: Rule = {
  name: 'kept-data',
  description: 'Nothing that holds data is replaced or deleted unless somebody allows it by name',
  why: 'A changed name or zone makes the engine replace a database by an empty one',
  level: 'mandatory',
  judgeChange: ({ urn, type, action }, { allowReplace }) => {
    if (!holdsData(type) || !['replace', 'delete'].includes(action)) return undefined;
    return allowReplace.includes(urn)
      ? PASSED
      : violated(
          `would be ${action === 'replace' ? 'replaced by an empty one' : 'deleted'}`,
          `undo the change; if its data may be lost: --allow-replace '${urn}'`,
        );
  },
};
