import type { MoveRun } from './move-run.js';

/** The parts of one stream of rows. An earlier run's have another name, so that nobody takes them for these. */
export interface StreamNames {
  readonly publication: string;
  readonly slot: string;
  readonly subscription: string;
}

const PREFIX = 'rf_move_';
const ID_CHARACTERS = 8;

const stem = (moveId: string): string => `${PREFIX}${moveId.slice(0, ID_CHARACTERS)}`;

/** @param from the number of the end that it comes from: streams in both directions have names of their own. */
export const streamNames = (
  { moveId, attempt }: Pick<MoveRun, 'moveId' | 'attempt'>,
  from: 'there' | 'back',
): StreamNames => {
  const name = `${stem(moveId)}_${attempt}_${from}`;
  return { publication: name, slot: name, subscription: name };
};

/** The login by which the other server of a move reads the stream. */
export const streamLogin = (moveId: string): string => `${stem(moveId)}_reader`;

/** A pattern for LIKE that fits the names of a move's streams; of every move without an id. */
export const streamPattern = (moveId?: string): string =>
  `${(moveId === undefined ? PREFIX : `${stem(moveId)}_`).replaceAll('_', '\\_')}%`;

const NAME = new RegExp(`^${PREFIX}([0-9a-f]{${ID_CHARACTERS}})_`);

/** The first characters of the id of the move that a name is of; undefined for a name of another kind. */
export const moveOf = (name: string): string | undefined => NAME.exec(name)?.[1];

export const isStreamLogin = (name: string): boolean => name.endsWith('_reader');

/** @param start of its id, as `moveOf` finds it. */
export const isOfMove = (moveId: string, start: string): boolean => moveId.startsWith(start);
