import { z } from 'zod';
import type { Command, Group } from '../../cli/command/define-command.js';
import { COMMANDS } from '../../cli/commands/index.js';
import { errorView, versionView } from '../../control-plane/view.js';
import { JSON_VERSION } from '../../core/version.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What one command prints with --json: its result, and its lines where it prints as it goes. */
interface CommandSchemas {
  /** `tenants list` */
  readonly name: string;
  readonly description: string;
  readonly result?: JsonSchema;
  readonly lines?: JsonSchema;
}

/** All that --json prints, as JSON Schemas. */
export interface JsonSchemas {
  readonly version: number;
  readonly commands: readonly CommandSchemas[];
  /** Of what every command prints last when it fails, and of `--version`. */
  readonly common: Readonly<Record<'error' | 'version', JsonSchema>>;
}

/** Every command by its whole name, in the order of the help. */
export const namedCommands = (): readonly (readonly [name: string, command: Command])[] =>
  COMMANDS.flatMap((entry: Command | Group) =>
    'commands' in entry
      ? entry.commands.map((command) => [`${entry.name} ${command.name}`, command] as const)
      : [[entry.name, entry] as const],
  );

/** Loads every view. */
export const jsonSchemas = async (): Promise<JsonSchemas> => {
  const commands: CommandSchemas[] = [];
  for (const [name, { description, view, lines }] of namedCommands()) {
    if (!view && !lines) continue;
    commands.push({
      name,
      description,
      ...(view ? { result: schemaOf(`ringfence ${name} --json`, await view()) } : {}),
      ...(lines ? { lines: schemaOf(`a line of ringfence ${name} --json`, await lines()) } : {}),
    });
  }
  const common = {
    error: schemaOf('what fails, with --json', errorView),
    version: schemaOf('ringfence --version --json', versionView),
  };
  return { version: JSON_VERSION, commands, common };
};

const schemaOf = (title: string, view: z.ZodType): JsonSchema => {
  const { $schema, ...schema } = z.toJSONSchema(view, {
    io: 'output',
    override: ({ jsonSchema }) => {
      // Keys may be added within a version.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.format) delete jsonSchema.pattern;
      if (jsonSchema.type === 'integer') {
        delete jsonSchema.minimum;
        delete jsonSchema.maximum;
      }
    },
  });
  return { ...($schema === undefined ? {} : { $schema }), title, ...schema };
};
