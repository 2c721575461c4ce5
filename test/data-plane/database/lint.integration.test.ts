import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Finding, lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import { RULES } from '../../../data-plane/database/lint/rules.js';
import { inScratch, useDatabase } from '../../support/cell-database.js';
import { HOLES } from './lint-holes.js';

const RULE_FILES = new URL('../../../data-plane/database/lint/rules/', import.meta.url);
const BAD_SCHEMA = readFileSync(new URL('../../fixtures/bad-schema.sql', import.meta.url), 'utf8');

describe('the schema lint', () => {
  const db = useDatabase();

  const named = (findings: readonly Finding[]) => findings.map(({ rule, object }) => `${rule}: ${object}`);

  it('has a query for each rule and a rule for each query, and every rule is tried', () => {
    const ids = RULES.map((rule) => rule.id).sort();
    expect(
      readdirSync(RULE_FILES)
        .map((file) => file.replace(/\.sql$/, ''))
        .sort(),
    ).toEqual(ids);
    expect([...new Set(HOLES.map((hole) => hole.rule))].sort()).toEqual(ids);
  });

  it('finds nothing in the reference schema, and leaves the search_path as it was', async () => {
    const client = await db.admin.connect();
    try {
      await client.query(`SET search_path = clinical, ringfence`);
      expect(await lintSchema(client)).toEqual([]);
      expect((await client.query('SHOW search_path')).rows).toEqual([{ search_path: 'clinical, ringfence' }]);
    } finally {
      await client.query('RESET search_path');
      client.release();
    }
  });

  it('finds nothing in a cell with 1,000 tenant logins', async () => {
    const findings = await inScratch(db.admin, async (client) => {
      await client.query(`DO $$ BEGIN FOR i IN 1 .. 1000 LOOP
        EXECUTE format('CREATE ROLE lint_t_%s LOGIN CONNECTION LIMIT 5', i);
        EXECUTE format('GRANT ringfence_tenant TO lint_t_%s WITH INHERIT TRUE, SET FALSE', i);
        INSERT INTO ringfence.tenants VALUES (gen_random_uuid(), 't' || i, 'active', 'lint_t_' || i);
      END LOOP; END $$`);
      return lintSchema(client);
    });
    expect(findings).toEqual([]);
  });

  it.each(HOLES)(
    '$rule names $object: $plant',
    async ({ rule, object, plant, also = [], fixRuns = true }) => {
      await inScratch(db.admin, async (client) => {
        await client.query(plant);
        const findings = await lintSchema(client);
        const database = db.connection.database;
        const expected = object.replace('$database', database);
        const found = findings.filter((finding) => finding.rule === rule && finding.object === expected);
        expect(found.length, named(findings).join('\n')).toBeGreaterThan(0);
        expect(findings.filter((finding) => ![rule, ...also].includes(finding.rule))).toEqual([]);
        for (const { fix, problem, isolation } of found) {
          expect(problem).not.toBe('');
          expect(isolation.length).toBeGreaterThan(0);
          if (fixRuns) await client.query(fix);
        }
        if (fixRuns) expect(named(await lintSchema(client))).not.toContain(`${rule}: ${expected}`);
      });
    },
  );

  it('names every hole of a schema that was made bad on purpose', async () => {
    const findings = await inScratch(db.admin, async (client) => {
      await client.query(BAD_SCHEMA);
      return lintSchema(client);
    });
    const expected = [...BAD_SCHEMA.matchAll(/^-- hole: (\S+) (.+)$/gm)].map(
      ([, rule, object]) => `${rule}: ${object}`,
    );
    expect(expected.length).toBeGreaterThanOrEqual(15);
    expect([...new Set(named(findings))].sort()).toEqual(expected.sort());
  });

  it('says so when the database is no cell', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query('DROP SCHEMA ringfence CASCADE');
      await expect(lintSchema(client)).rejects.toMatchObject({ code: 'database_refused' });
    });
  });
});
