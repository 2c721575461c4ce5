import { MOVE } from '../../../control-plane/moves/move-tenant.js';
import { ROLLBACK } from '../../../control-plane/moves/rollback-move.js';
import { WITHDRAW_PLACEMENT } from '../../../control-plane/moves/withdraw-placement.js';
import { pointsOf } from '../../../control-plane/operation/step.js';

/** Where a test may kill a move, its rollback, and the end of its window, each in its order. */
export const MOVING: readonly string[] = [...pointsOf(MOVE).before, ...pointsOf(MOVE).recorded];
export const ROLLING: readonly string[] = pointsOf(ROLLBACK).recorded;
export const WITHDRAWING: readonly string[] = pointsOf(WITHDRAW_PLACEMENT).recorded;

/** Where an operation can be given up: something was recorded, and the home has not switched. */
export const upToFlip = (points: readonly string[]): string[] =>
  points.slice(points.findIndex((point) => point.endsWith(':begun')) + 1, points.indexOf('flipped'));

/** Of a shorter list, one beside each point of the longest. */
export const turn = (list: readonly string[], at: number): string => list[at % list.length] ?? '';
