import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { formatStatePlace, parseStatePlace, type StatePlace } from '../../../targets/aws/state/place.js';
import type { Project } from '../project.js';

/** Where the state of a project is: in its own folder, or in a bucket. */
export type Place = 'folder' | StatePlace;

/** How far a move of the state is: while it is `copying` the state is where it was, from `leaving` on where it goes. */
type Phase = 'copying' | 'leaving';

/** What a project knows about where its state is. */
interface PlaceRecord {
  readonly place: Place;
  /** Undefined where it stays. */
  readonly move?: { readonly to: Place; readonly phase: Phase } | undefined;
}

/** Without the file it lies in the folder, or nowhere yet. */
const schema = z.strictObject({
  format: z.literal('ringfence-state'),
  version: z.literal(1),
  place: z.string(),
  move: z.strictObject({ to: z.string(), phase: z.enum(['copying', 'leaving']) }).optional(),
});

const fileOf = ({ home }: Project): string => join(home, 'state.json');

/** `folder`, or as RINGFENCE_STATE has it. @throws RingfenceError `config_invalid` */
export const parsePlace = (text: string): Place => (text === 'folder' ? text : parseStatePlace(text));

export const formatPlace = (place: Place): string => (place === 'folder' ? place : formatStatePlace(place));

/** @throws RingfenceError config_invalid */
export const readPlaceRecord = (project: Project): PlaceRecord | undefined => {
  const path = fileOf(project);
  if (!existsSync(path)) return undefined;
  try {
    const { place, move } = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return {
      place: parsePlace(place),
      move: move && { to: parsePlace(move.to), phase: move.phase },
    };
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'restore it from a copy; or remove it and set RINGFENCE_STATE to the bucket that has the state',
      cause,
    });
  }
};

/** The bucket that the project has written down. @throws RingfenceError config_invalid */
export const readStatePlace = (project: Project): StatePlace | undefined => {
  const place = readPlaceRecord(project)?.place;
  return place === 'folder' ? undefined : place;
};

export const recordPlace = (project: Project, { place, move }: PlaceRecord): void => {
  if (place === 'folder' && move === undefined) {
    rmSync(fileOf(project), { force: true });
    return;
  }
  const text = {
    ...{ format: 'ringfence-state', version: 1, place: formatPlace(place) },
    move: move && { to: formatPlace(move.to), phase: move.phase },
  };
  replaceFile(fileOf(project), `${JSON.stringify(text, null, 2)}\n`, { durable: true });
};
