import { RingfenceError } from '../../../core/errors.js';
import type { Difference } from '../defences.js';
import { describeDifference } from '../describe-difference.js';
import type { Failure } from './attempt.js';

const AGAIN = 'then run `ringfence cells repair` again';

/** The fix for a refusal, by its SQLSTATE. */
const FIXES: Readonly<Record<string, string>> = {
  '23502': `give the rows without a value one, ${AGAIN}`,
  '23503': `correct or delete the rows that refer to nothing, ${AGAIN}; new rows are held to it already`,
  '23505': `correct or delete the rows that have the same key, ${AGAIN}`,
  '23514': `correct the rows that break it, ${AGAIN}; new rows are held to it already`,
  '23P01': `correct or delete the rows that exclude each other, ${AGAIN}`,
  '40P01': `end the transactions that are open on it, ${AGAIN}`,
  '42501': `let its owner, or a superuser, put it back, ${AGAIN}`,
  '42P01': `give the table its name back, or make it again as another cell of this version has it (\`pg_dump --schema-only --table\`), ${AGAIN}, and bring its rows back with \`ringfence backups restore\``,
  '55P03': `end the transactions that are open on it, ${AGAIN}`,
};

/** A difference that a repair could not put back. @param failure none where there is no statement that would. */
export const nameObstacle = (difference: Difference, failure: Failure | undefined): Difference => {
  const { kind } = difference;
  const fix =
    kind === 'column'
      ? `give the column its name and type back; one that was dropped has to be added as another cell of this version has it, and its values are in the backups (\`ringfence backups restore\`); ${AGAIN}`
      : failure?.dependents
        ? `drop what depends on it (${failure.dependents.join(', ')}), ${AGAIN}, and make that anew`
        : (FIXES[failure?.sqlState ?? ''] ?? `mend it by hand as \`ringfence schema lint\` says, ${AGAIN}`);
  return { ...difference, obstacle: { sqlState: failure?.sqlState || null, fix } };
};

/**
 * A repair that left something says so; what it could put back stays.
 * @throws RingfenceError `repair_incomplete`, naming each thing that is left, its SQLSTATE and what to do.
 */
export const refuseObstacles = (cell: string, differences: readonly Difference[]): void => {
  const left = differences.filter(({ obstacle }) => obstacle);
  if (left.length === 0) return;
  const lines = left.map((difference) => {
    const { sqlState } = difference.obstacle ?? {};
    return `${describeDifference(difference)}${sqlState ? ` (SQLSTATE ${sqlState})` : ''}`;
  });
  throw new RingfenceError(
    'repair_incomplete',
    `${left.length} defences of ${cell} could not be put back, all others are: ${lines.join('; ')}`,
    { fix: [...new Set(left.map(({ obstacle }) => obstacle?.fix))].join('; ') },
  );
};
