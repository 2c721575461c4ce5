import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { formatStatePlace, parseStatePlace, type StatePlace } from '../../../targets/aws/state/place.js';
import type { Project } from '../project.js';

/** Which bucket has the project's state. Without the file it lies in the project. */
const schema = z.strictObject({
  format: z.literal('ringfence-state'),
  version: z.literal(1),
  place: z.string(),
});

const fileOf = ({ home }: Project): string => join(home, 'state.json');

/** @throws RingfenceError config_invalid */
export const readStatePlace = (project: Project): StatePlace | undefined => {
  const path = fileOf(project);
  if (!existsSync(path)) return undefined;
  try {
    return parseStatePlace(schema.parse(JSON.parse(readFileSync(path, 'utf8'))).place);
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'restore it from a copy; or remove it and set RINGFENCE_STATE to the bucket that has the state',
      cause,
    });
  }
};

export const recordStatePlace = (project: Project, place: StatePlace): void =>
  replaceFile(
    fileOf(project),
    `${JSON.stringify({ format: 'ringfence-state', version: 1, place: formatStatePlace(place) }, null, 2)}\n`,
  );
