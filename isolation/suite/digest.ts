import type { Stage } from './stage.js';

/** A digest of the clinics' rows in every tenant table. With `versions` it also changes when a row is written again unchanged. */
export const digestRows = async (
  stage: Stage,
  clinicIds: readonly string[],
  options: { readonly versions: boolean },
): Promise<string> => {
  const row = options.versions ? `r.xmin::text || r::text` : 'r::text';
  const parts = stage.tables.map(
    ({
      name,
    }) => `SELECT '${name.replaceAll("'", "''")}' AS name, sum(hashtextextended(${row}, 0)::numeric) AS sum, count(*) AS rows
      FROM ${name} AS r WHERE clinic_id = ANY ($1::uuid[])`,
  );
  const { rows } = await stage.admin.query<{ digest: string }>(
    `SELECT md5(string_agg(concat_ws(' ', name, sum, rows), ',' ORDER BY name)) AS digest FROM (${parts.join(' UNION ALL ')}) AS part`,
    [clinicIds],
  );
  return rows[0]?.digest ?? '';
};
