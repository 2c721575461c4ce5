import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { JsonSchema, JsonSchemas } from './schemas.js';

const FOLDER = new URL('../../docs/json/', import.meta.url);
const PAGE = new URL('../../docs/json.md', import.meta.url);
const INDEX = 'index.json';

/** `docs/json/index.json`: which file has the schema of what. */
interface Index {
  readonly schemaVersion: number;
  readonly error: string;
  readonly version: string;
  readonly commands: Readonly<
    Record<string, { readonly description: string; readonly result?: string; readonly lines?: string }>
  >;
}

/** Every file by its name, as it is to be. */
export const filesOf = ({ version, commands, common }: JsonSchemas): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  const put = (name: string, schema: JsonSchema): string => {
    const file = `${name.replaceAll(' ', '-')}.schema.json`;
    files.set(file, text(schema));
    return file;
  };
  const index: Index = {
    schemaVersion: version,
    error: put('error', common.error),
    version: put('version', common.version),
    commands: Object.fromEntries(
      commands.map(({ name, description, result, lines }) => [
        name,
        {
          description,
          ...(result ? { result: put(name, result) } : {}),
          ...(lines ? { lines: put(`${name} lines`, lines) } : {}),
        },
      ]),
    ),
  };
  return files.set(INDEX, text(index));
};

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const pageOf = ({ version, commands }: JsonSchemas): string => {
  const rows = commands.map(({ name, description, result, lines }) => {
    const file = name.replaceAll(' ', '-');
    const schemas = [
      ...(result ? [`[result](json/${file}.schema.json)`] : []),
      ...(lines ? [`[a line](json/${file}-lines.schema.json)`] : []),
    ];
    return `| \`${name}\` | ${description.replaceAll('|', '\\|')} | ${schemas.join(', ')} |`;
  });
  return `# What \`--json\` prints

Made by \`npm run json\` from the views of the control plane (\`control-plane/*/views.ts\`); do not edit it. The schemas are
JSON Schema, draft 2020-12; [\`json/index.json\`](json/index.json) names them for programs.

**Schema version ${version}**, as \`ringfence --version --json\` says it ([schema](json/version.schema.json)). Within a version keys are
added, and words to those that a key may have; a program leaves alone what it does not know. The version is raised where a key goes,
may be missing or null where it could not before, or is of another type.

A command prints its result as one JSON value on standard output, times in ISO 8601 and UTC. \`tenants apply --all\` prints a line a
tenant instead, as each is done; \`audit export\` without \`--out\` prints the lines of the export, with \`--json\` or without. A command
that fails prints [the error](json/error.schema.json) as one line, after what it had printed, and exits with the status of its code;
one that found something prints its result and exits with another status than 0 (\`ringfence --help\`).

| command | what it does | schemas |
|---|---|---|
${rows.join('\n')}

\`worker\` and \`pulumi\` print no result.
`;
};

/** As they are committed; undefined where there are none yet. */
export const committed = (): JsonSchemas | undefined => {
  if (!namesThere().includes(INDEX)) return undefined;
  const index: Index = JSON.parse(contentOf(INDEX));
  const read = (file: string): JsonSchema => JSON.parse(contentOf(file));
  return {
    version: index.schemaVersion,
    common: { error: read(index.error), version: read(index.version) },
    commands: Object.entries(index.commands).map(([name, { description, result, lines }]) => ({
      name,
      description,
      ...(result ? { result: read(result) } : {}),
      ...(lines ? { lines: read(lines) } : {}),
    })),
  };
};

/** The files that are there, and the page. */
export const committedFiles = (): ReadonlyMap<string, string> =>
  new Map(namesThere().map((name) => [name, contentOf(name)]));
export const committedPage = (): string => readFileSync(PAGE, 'utf8');

export const write = (schemas: JsonSchemas): void => {
  const files = filesOf(schemas);
  for (const name of namesThere()) if (!files.has(name)) rmSync(new URL(name, FOLDER));
  for (const [name, content] of files) writeFileSync(new URL(name, FOLDER), content);
  writeFileSync(PAGE, pageOf(schemas));
};

const namesThere = (): string[] => readdirSync(FOLDER).sort();
const contentOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
