import { RingfenceError } from '../../core/errors.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { DEFAULT_OBJECTS, objectPlaces } from '../../targets/index.js';
import type { ObjectPlaces, ObjectStore } from '../../targets/target.js';
import type { Project } from './project.js';

/**
 * The object stores of a project: in the place of RINGFENCE_OBJECTS, else in folders.
 *
 * @throws RingfenceError config_invalid
 */
export const objectStores = ({ home }: Project, env: NodeJS.ProcessEnv): ObjectStores => {
  const kinds = objectPlaces({ home, env });
  const chosen = kinds.flatMap((kind) => kind.chosen ?? [])[0];
  if (env.RINGFENCE_OBJECTS && chosen === undefined) throw unknownPlace(kinds, env.RINGFENCE_OBJECTS);
  const stores = new Map<string, ObjectStore>();
  const at: ObjectStores['at'] = (place, cell) => {
    const name = `${place} ${cell}`;
    const store = stores.get(name) ?? kindOf(kinds, place).at(place, cell);
    stores.set(name, store);
    return store;
  };
  return {
    place: chosen?.place ?? DEFAULT_OBJECTS,
    lockDays: chosen?.lockDays,
    at,
    all: (place) => at(place, ''),
    whereabouts: async (place) => kindOf(kinds, place).whereabouts(place),
  };
};

/** Says whether a text names a place of objects other than a folder of this machine. */
export const isObjectPlace = (project: Project, text: string): boolean =>
  objectPlaces({ home: project.home, env: {} }).some(({ form, holds }) => form !== null && holds(text));

const kindOf = (kinds: readonly ObjectPlaces[], place: string): ObjectPlaces => {
  const kind = kinds.find(({ holds }) => holds(place));
  if (kind) return kind;
  throw unknownPlace(kinds, place);
};

const unknownPlace = (kinds: readonly ObjectPlaces[], place: string): RingfenceError => {
  const forms = kinds.flatMap(({ form }) => form ?? []).join(' or ');
  return new RingfenceError(
    'config_invalid',
    `RINGFENCE_OBJECTS: ${JSON.stringify(place)} is not of the form ${forms}`,
    { fix: `set it to ${forms}; without it backups lie in the project` },
  );
};
