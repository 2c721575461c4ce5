import type { Runtime } from '../runtime.js';
import { findMove, type Move } from './store.js';

/** The move that an operation began; undefined for any other operation. */
export const moveOfOperation = ({ control }: Runtime, operation: string): Promise<Move | undefined> =>
  findMove(control, operation);
