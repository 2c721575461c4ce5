import type pg from 'pg';
import { withLock } from '../project/lock.js';

/** Runs `work` under a lock: meanwhile nobody else places a tenant or removes a cell. */
export const withPlaces = <T>(control: pg.Pool, work: () => Promise<T>): Promise<T> =>
  withLock(control, 'places', work);
