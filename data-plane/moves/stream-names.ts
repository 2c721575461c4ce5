import { createHash } from 'node:crypto';
import type { MoveRun } from './move-run.js';

/** The parts of one stream of rows. An earlier run's have another name, so that nobody takes them for these. */
export interface StreamNames {
  readonly publication: string;
  readonly slot: string;
  readonly subscription: string;
}

const PREFIX = 'rf_move_';
const MARK_CHARACTERS = 8;

/** What the names of a move's streams have of it: neighbours may read them in the catalogue, so nothing of its id. */
const markOf = (moveId: string): string =>
  createHash('sha256').update(`ringfence stream ${moveId}`).digest('hex').slice(0, MARK_CHARACTERS);

const stem = (moveId: string): string => `${PREFIX}${markOf(moveId)}`;

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

/** A pattern for LIKE that fits one name of a stream, or, with `%` behind it, all that begin with it. */
export const exactly = (name: string): string => name.replaceAll('_', '\\_');

/** As `streamPattern`, of streams that were begun by earlier versions: their names have the first characters of the id. */
export const earlierStreamPattern = (moveId: string): string =>
  `${exactly(`${PREFIX}${moveId.slice(0, MARK_CHARACTERS)}_`)}%`;

/** A pattern for LIKE that fits the names of a move's streams; of every move without an id. */
export const streamPattern = (moveId?: string): string =>
  `${exactly(moveId === undefined ? PREFIX : `${stem(moveId)}_`)}%`;

const NAME = new RegExp(`^${PREFIX}([0-9a-f]{${MARK_CHARACTERS}})_`);

/** The mark of the move that a name is of; undefined for a name of another kind. */
export const moveOf = (name: string): string | undefined => NAME.exec(name)?.[1];

export const isStreamLogin = (name: string): boolean => name.endsWith('_reader');

/** @param mark as `moveOf` finds it; in names of earlier versions it is the beginning of the id. */
export const isOfMove = (moveId: string, mark: string): boolean =>
  markOf(moveId) === mark || moveId.startsWith(mark);
