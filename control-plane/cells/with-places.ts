import type pg from 'pg';
import { withLock } from '../project/lock.js';

/** Runs `work` while nobody else is given a place in a cell, and no cell is removed. */
export const withPlaces = <T>(control: pg.Pool, work: () => Promise<T>): Promise<T> =>
  withLock(control, 'places', work);
