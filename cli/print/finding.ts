import type { Finding } from '../../data-plane/database/lint/lint-schema.js';

/** A finding of the schema lint, in two lines. */
export const describeFinding = ({ rule, isolation, object, problem, fix }: Finding): string =>
  `  ${object}: ${problem} [${rule}, isolation ${isolation.join(' ')}]\n    fix: ${fix}\n`;
