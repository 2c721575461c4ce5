import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** The rules that the database enforces now, as rows of text. An external reviewer reads them instead of our word. */
export interface Deployed {
  readonly postgres: string;
  readonly tables: readonly Row[];
  readonly policies: readonly Row[];
  readonly grants: readonly Row[];
  readonly roles: readonly Row[];
  readonly functions: readonly Row[];
}

type Row = Readonly<Record<string, string | number | boolean>>;

const PARTS = ['tables', 'policies', 'grants', 'roles', 'functions'] as const;
const QUERIES = PARTS.map(
  (part) => [part, readFileSync(new URL(`./queries/${part}.sql`, import.meta.url), 'utf8')] as const,
);

export const readDeployed = async (client: pg.ClientBase): Promise<Deployed> => {
  const found = {} as Record<(typeof PARTS)[number], Row[]>;
  for (const [part, query] of QUERIES) found[part] = (await client.query<Row>(query)).rows;
  const { rows } = await client.query<{ version: string }>('SELECT version()');
  return { postgres: rows[0]?.version ?? '', ...found };
};

/** Writes them as Markdown: tables for short texts, code for functions. */
export const deployedPage = (cell: string, deployed: Deployed): string =>
  [
    `# What cell ${cell} enforces`,
    `Read from the catalogue of ${deployed.postgres}.`,
    ...(['roles', 'tables', 'policies', 'grants'] as const).map(
      (part) => `## ${part[0]?.toUpperCase()}${part.slice(1)}\n\n${markdownTable(deployed[part])}`,
    ),
    '## Functions',
    ...deployed.functions.map(
      ({ function: name, owner, definer, reviewed, source }) =>
        `### ${name}\n\nOwner ${owner}${definer ? ', SECURITY DEFINER' : ''}${reviewed ? `; reviewed: ${reviewed}` : ''}.\n\n\`\`\`sql\n${source}\n\`\`\``,
    ),
  ].join('\n\n');

const markdownTable = (rows: readonly Row[]): string => {
  const [first] = rows;
  if (!first) return 'None.';
  const names = Object.keys(first);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cell = (value: unknown) => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
  return [
    line(names),
    line(names.map(() => '---')),
    ...rows.map((row) => line(names.map((name) => cell(row[name])))),
  ].join('\n');
};
