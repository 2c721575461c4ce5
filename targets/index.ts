import { existsSync } from 'node:fs';
import { RingfenceError } from '../core/errors.js';
import { authoritiesFile } from '../data-plane/database/authorities.js';
import { awsKmsRegions } from '../data-plane/keys/aws-kms-regions.js';
import { customerHeldRoot } from '../data-plane/keys/customer-held/root.js';
import { rootsOfCells } from '../data-plane/keys/roots-of-cells.js';
import { aws } from './aws/index.js';
import type { CellTarget } from './define-target.js';
import { local } from './local/index.js';
import { FOLDER } from './local/objects.js';
import type { CellAddress, KeyRoot, ObjectPlaces, TargetContext } from './target.js';

/** Every target that there is. One more is a folder beside these, a line here, and the option of `cells up` that names its address. */
const TARGETS: readonly CellTarget[] = [local, aws];

export const TARGET_NAMES: readonly string[] = TARGETS.map(({ name }) => name);

/** The default place of a cell. */
export const DEFAULT_PLACE: Place = { target: local.name, address: {} };

/** The default place of objects. */
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

/** An address as commands print it. It has the fields of all targets; those of other targets are null. */
export const addressFields = ({ address }: Place): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(TARGETS.flatMap((target) => target.addressFields.map((field) => [field, null]))),
  ...address,
});

/** Every key root that cells of a project may have, as one: it opens what any of them wrapped, and finds no cell's root. */
export const everyKeyRoot = (context: TargetContext): KeyRoot => {
  const roots = TARGETS.flatMap((target) => target.open(context).keyRoots);
  const root = rootsOfCells(async () => {
    throw new RingfenceError('internal', 'a root key is looked for without its cell');
  }, roots);
  return customerHeldRoot({ root, customer: awsKmsRegions().anywhere });
};

/** The kinds of places for the objects of a project. @throws RingfenceError config_invalid */
export const objectPlaces = (project: Pick<TargetContext, 'home' | 'env'>): ObjectPlaces[] =>
  TARGETS.flatMap(({ objects }) => objects?.(project) ?? []);

/** The options of `cells up` that say where a new cell lives. */
export const PLACE_OPTIONS = TARGETS.flatMap(({ option }) => option?.split(' ')[0] ?? []);

const ELSEWHERE = TARGETS.filter(({ isHere }) => !isHere)
  .map(({ provider }) => provider)
  .join(' or ');

/**
 * The holder of a cell's server elsewhere; undefined for a server on this machine. Works without the control database,
 * which may be down: only a server over TLS has authorities.
 */
export const providerElsewhere = (cellDir: string): string | undefined =>
  existsSync(authoritiesFile(cellDir)) ? ELSEWHERE : undefined;
