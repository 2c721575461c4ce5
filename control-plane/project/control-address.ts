import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import { REGION_NAMES } from '../../core/regions.js';
import { makeHome } from './home.js';
import type { Project } from './project.js';

const placeSchema = z.strictObject({
  region: z.enum(REGION_NAMES),
  /** As RDS takes an identifier. */
  rdsInstance: z
    .string()
    .max(63)
    .regex(/^[a-z](?:-?[a-z0-9])*$/),
});

const schema = z.strictObject({
  format: z.literal('ringfence-control-database'),
  version: z.literal(1),
  target: z.literal('aws'),
  ...placeSchema.shape,
  /** `arriving` while its rows are being carried there from this machine, where it is at home until then. */
  state: z.enum(['arriving', 'home']),
});

/** The instance of Amazon RDS that a control database is on. */
export type ControlPlace = Readonly<z.infer<typeof placeSchema>>;

/** The place of a project's control database that is not on this machine. No secret. */
export type ControlAddress = ControlPlace & Pick<z.infer<typeof schema>, 'state'>;

const fileOf = ({ home }: Project): string => join(home, 'control-database.json');

/** Undefined for a control database on this machine. @throws RingfenceError `config_invalid` */
export const readControlAddress = (project: Project): ControlAddress | undefined => {
  const path = fileOf(project);
  if (!existsSync(path)) return undefined;
  try {
    const { region, rdsInstance, state } = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { region, rdsInstance, state };
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'remove the file, and name the control database once with RINGFENCE_CONTROL=rds://<region>/<instance>',
      cause,
    });
  }
};

export const writeControlAddress = (project: Project, { region, rdsInstance, state }: ControlAddress): void =>
  replaceFile(
    fileOf(project),
    `${JSON.stringify({ format: 'ringfence-control-database', version: 1, target: 'aws', region, rdsInstance, state }, null, 2)}\n`,
  );

export const forgetControlAddress = (project: Project): void => rmSync(fileOf(project), { force: true });

/** `rds://<region>/<instance>` */
export const controlUrl = ({ region, rdsInstance }: ControlPlace): string => `rds://${region}/${rdsInstance}`;

/** @throws RingfenceError `config_invalid` */
const parseControlUrl = (text: string): ControlPlace => {
  const [, region, rdsInstance] = /^rds:\/\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  const parsed = placeSchema.safeParse({ region, rdsInstance });
  if (parsed.success) return parsed.data;
  throw new RingfenceError(
    'config_invalid',
    `RINGFENCE_CONTROL: ${JSON.stringify(text)} is not the place of a control database`,
    { fix: 'give it as rds://<region>/<instance>, as `ringfence control status` says it' },
  );
};

/**
 * A folder that has no control database takes the one that RINGFENCE_CONTROL names, and keeps that: a container begins with an empty
 * folder.
 * @param isHere says whether the folder has one of its own.
 * @throws RingfenceError `config_invalid`; `conflict` where the folder has another.
 */
export const adoptControlAddress = (
  project: Project,
  { RINGFENCE_CONTROL: text }: NodeJS.ProcessEnv,
  isHere: () => boolean,
): void => {
  if (!text) return;
  const named = parseControlUrl(text);
  const kept = readControlAddress(project);
  if (kept && controlUrl(kept) === controlUrl(named)) return;
  const other = kept ? controlUrl(kept) : isHere() ? 'on this machine' : undefined;
  if (other !== undefined)
    throw new RingfenceError(
      'conflict',
      `RINGFENCE_CONTROL names ${controlUrl(named)}, and the control database of this folder is ${other}`,
      {
        fix: 'leave the variable out, or use another folder; `ringfence control up` carries one from this machine to RDS',
      },
    );
  makeHome(project);
  writeControlAddress(project, { ...named, state: 'home' });
};
