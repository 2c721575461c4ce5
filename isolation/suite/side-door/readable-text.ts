import { countReached } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';

const RELATIONS = `SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (c.relkind <> 'm' OR c.relispopulated)
 ORDER BY 1`;

/** Every relation of the database, whether the application should read it or not, searched for the victim's marks. */
const search = async (stage: Stage) =>
  stage.once('text search', async () => {
    const { rows } = await stage.admin.query<{ name: string }>(RELATIONS);
    return asClinic(stage, stage.a, (client) =>
      countReached(
        client,
        rows.map(({ name }) => ({
          table: name,
          statement: `(SELECT 1 FROM ${name} AS r WHERE strpos(r::text, $1) > 0 OR strpos(r::text, $2) > 0 OR strpos(r::text, $3) > 0 LIMIT 1)`,
        })),
        [stage.b.marker, stage.b.clinicId, stage.b.tenantId],
      ),
    );
  });

export const READABLE_TEXT: SuiteCase = {
  id: 'side-door/search-everything',
  isolation: [1, 2, 3, 16],
  tried: "Searching every table and view of the database for the victim's marks, in any column",
  expected: 'each is refused or shows none of them',
  run: async (stage) => {
    const reached = await search(stage);
    const found = reached.filter((result) => result.sqlstate === undefined && result.rows > 0);
    if (found.length > 0) return leaked(`found in ${found.map(({ table }) => table).join(', ')}`);
    const odd = reached.filter((result) => result.sqlstate !== undefined && result.sqlstate !== '42501');
    if (odd.length > 0) return unproven(`${odd.length} of ${reached.length} could not be searched`);
    const refused = reached.filter(({ sqlstate }) => sqlstate !== undefined).length;
    return held(`${reached.length} searched: ${refused} refused, the others show nothing`);
  },
};
