import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { findOpenErasure } from './erasures.js';

/** Refuses to bring a tenant back whose erasure was requested. @throws RingfenceError `conflict` */
export const refuseOpenErasure = async (control: pg.Pool, slug: string): Promise<void> => {
  const erasure = await findOpenErasure(control, slug);
  if (!erasure) return;
  throw erasure.state === 'running'
    ? new RingfenceError('conflict', `tenant ${slug} is being erased`, {
        fix: `finish it with \`ringfence tenants erase ${slug}\``,
      })
    : new RingfenceError('conflict', `tenant ${slug} is to be erased on ${erasure.dueAt.toISOString()}`, {
        fix: `wait until then, or take it back with \`ringfence tenants erase ${slug} --cancel --reason ...\``,
      });
};
