import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { defaultsHash } from '../../manifest/index.js';
import { PROVIDER_VERSION } from '../../stacks/names.js';

/** The version of the programs and of all that they are made from. */
export interface ProgramVersion {
  /** Of the resource types. */
  readonly provider: string;
  /** The first 12 hex digits of the hash of a cell's schema. */
  readonly schema: string;
  /** The same of what a manifest gets that leaves it out; undefined where an earlier release recorded none. */
  readonly defaults: string | undefined;
}

const DIGITS = 12;

export const programVersion = (): ProgramVersion => ({
  provider: PROVIDER_VERSION,
  schema: cellSchemaHash().slice(0, DIGITS),
  defaults: defaultsHash().slice(0, DIGITS),
});

/** Whether a deployment of the same inputs would be another one today: defaults are in the inputs already. */
export const isOfOtherProgram = (recorded: string | null): boolean => {
  const then = parseProgramVersion(recorded);
  const present = programVersion();
  return then?.provider !== present.provider || then.schema !== present.schema;
};

/** `0.2.0+<schema>.<defaults>`. */
export const formatProgramVersion = ({ provider, schema, defaults }: ProgramVersion): string =>
  `${provider}+${[schema, defaults].filter((part) => part !== undefined).join('.')}`;

/** Undefined for a text of another form. */
export const parseProgramVersion = (text: string | null): ProgramVersion | undefined => {
  const [, provider, schema, defaults] = /^([^+]+)\+([0-9a-f]+)(?:\.([0-9a-f]+))?$/.exec(text ?? '') ?? [];
  return provider === undefined || schema === undefined ? undefined : { provider, schema, defaults };
};
