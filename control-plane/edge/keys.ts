import { RingfenceError } from '../../core/errors.js';
import { OPERATOR_KEY_VARIABLE } from '../../targets/edge/reports.js';
import type { EdgeKeys } from '../../targets/edge/worker-settings.js';

/** As many as 18 random bytes have in base64. */
const SHORTEST_CHARACTERS = 24;

const ORIGIN_KEY_VARIABLE = 'RINGFENCE_EDGE_ORIGIN_KEY';

/** The secrets of the whole edge. @throws RingfenceError `config_invalid` for one that is missing, short, or both at once. */
export const edgeKeys = (env: NodeJS.ProcessEnv): EdgeKeys => {
  const operator = keyIn(env, OPERATOR_KEY_VARIABLE);
  const origin = keyIn(env, ORIGIN_KEY_VARIABLE);
  if (operator !== origin) return { operator, origin };
  throw new RingfenceError(
    'config_invalid',
    `${OPERATOR_KEY_VARIABLE} and ${ORIGIN_KEY_VARIABLE} are the same`,
    {
      fix: 'make one for each: whoever has an origin could read all reports',
    },
  );
};

const keyIn = (env: NodeJS.ProcessEnv, variable: string): string => {
  const value = env[variable] ?? '';
  if (value.length >= SHORTEST_CHARACTERS) return value;
  const problem = value === '' ? 'is not set' : `has less than ${SHORTEST_CHARACTERS} characters`;
  throw new RingfenceError('config_invalid', `${variable} ${problem}`, {
    fix: 'make one with `openssl rand -base64 24`, and keep it where this command is run',
  });
};
