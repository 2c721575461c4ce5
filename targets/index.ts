import { existsSync } from 'node:fs';
import { RingfenceError } from '../core/errors.js';
import { authoritiesFile } from '../data-plane/database/authorities.js';
import { aws } from './aws/index.js';
import type { CellTarget } from './define-target.js';
import { local } from './local/index.js';
import { FOLDER } from './local/objects.js';
import type { CellAddress, ObjectPlaces, TargetContext } from './target.js';

/** Every target that there is. One more is a folder beside these, a line here, and the option of `cells up` that names its address. */
const TARGETS: readonly CellTarget[] = [local, aws];

export const TARGET_NAMES: readonly string[] = TARGETS.map(({ name }) => name);

/** Where a cell lives that nobody says anything of. */
export const DEFAULT_PLACE: Place = { target: local.name, address: {} };

/** Where objects lie when nobody says where. */
export const DEFAULT_OBJECTS = FOLDER;

/** A target by its name, and an address in it. */
export interface Place {
  readonly target: string;
  readonly address: CellAddress;
}

/** The target that a cell names. @throws RingfenceError config_invalid for one that this version does not know. */
export const targetOf = ({ target }: Pick<Place, 'target'>): CellTarget => {
  const found = TARGETS.find(({ name }) => name === target);
  if (found) return found;
  throw new RingfenceError('config_invalid', `there is no target ${target}`, {
    fix: `work on with the version of Ringfence that made the cell; the targets of this one are: ${TARGET_NAMES.join(', ')}`,
  });
};

/** An address as commands print it: the fields of every target, null but for those of its own. */
export const addressFields = ({ address }: Place): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(TARGETS.flatMap((target) => target.addressFields.map((field) => [field, null]))),
  ...address,
});

/** The kinds of places that objects of a project lie in. @throws RingfenceError config_invalid */
export const objectPlaces = (project: Pick<TargetContext, 'home' | 'env'>): ObjectPlaces[] =>
  TARGETS.flatMap(({ objects }) => objects?.(project) ?? []);

/** The options of `cells up` that say where a new cell lives. */
export const PLACE_OPTIONS = TARGETS.flatMap(({ option }) => option?.split(' ')[0] ?? []);

const ELSEWHERE = TARGETS.filter(({ isHere }) => !isHere)
  .map(({ provider }) => provider)
  .join(' or ');

/**
 * Who holds the server of a cell that is not on this machine; undefined for one that is. Asks no control database, which may be
 * down: only a server that is reached over TLS has authorities.
 */
export const providerElsewhere = (cellDir: string): string | undefined =>
  existsSync(authoritiesFile(cellDir)) ? ELSEWHERE : undefined;
