import { translateDatabaseError } from '../../../data-plane/database/errors.js';
import { attempt } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { rolledBack, type Stage } from '../stage.js';

/**
 * Errors as Postgres words them with a row in their text, made by the administrator on the victim's own row, because
 * an application must never see one.
 */
const LEAKY: ReadonlyArray<readonly [id: string, what: string, sql: (stage: Stage) => string]> = [
  [
    'unique',
    'a key that is there twice',
    (stage) =>
      `INSERT INTO ringfence.clinics SELECT * FROM ringfence.clinics WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'not-null',
    'a value that is missing',
    (stage) => `UPDATE ringfence.clinics SET slug = NULL WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'check',
    'a value that is not allowed',
    (stage) => `UPDATE ringfence.clinics SET state = 'x' WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'cast',
    'a text that is no number',
    (stage) => `SELECT name::int FROM ringfence.clinics WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'date',
    'a text that is no date',
    (stage) => `SELECT name::date FROM ringfence.clinics WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'json',
    'a text that is no JSON',
    (stage) => `SELECT name::json FROM ringfence.clinics WHERE id = '${stage.b.clinicId}'`,
  ],
  [
    'foreign-key',
    'a row that others refer to',
    (stage) => `DELETE FROM ringfence.clinics WHERE id = '${stage.b.clinicId}'`,
  ],
];

const marks = (stage: Stage): string[] => [stage.b.marker, stage.b.clinicId, stage.b.tenantId];

/** Cases on errors whose text shows a row, as they leave the data plane. */
export const ERRORS: readonly SuiteCase[] = LEAKY.map(([id, what, sql]) => ({
  id: `whisper/error/${id}`,
  isolation: [9],
  tried: `Looking for a row's values in the error that leaves the data plane for ${what}`,
  expected: 'a code and our own words; nothing of the row',
  run: (stage) =>
    rolledBack(stage.admin, async () => {
      const { error } = await attempt(stage.admin, sql(stage));
      if (error === undefined) return unproven('the statement did not fail');
      const inside = JSON.stringify({ ...error, message: error.message });
      if (!marks(stage).some((mark) => inside.includes(mark)))
        return unproven('the error shows no row to begin with');
      const { message, fix, code } = translateDatabaseError(error);
      const outside = JSON.stringify([message, fix, code]);
      return marks(stage).some((mark) => outside.includes(mark))
        ? leaked('values of the row leave the data plane')
        : held('the row stays inside');
    }),
}));
