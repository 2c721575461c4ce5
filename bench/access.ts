import pg from 'pg';
import type { Access } from '../data-plane/access/index.js';
import { openApplication } from './application.js';
import { plantTenants } from './cell.js';
import { onOneCore } from './cores.js';
import { atLeast, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

const RUNS = 600;
const READ = 'SELECT * FROM clinical.services WHERE id = $1';

type Work = (access: Access, token: string, clinicId: string, serviceId: string) => Promise<unknown>;

/** In one transaction of three round trips. */
export const benchAccessRun = (scene: Scene): Promise<Comparison> =>
  benchRead(scene, 'one read in access.run', (access, token, clinicId, serviceId) =>
    access.run(token, clinicId, (db) => db.query(READ, [serviceId])),
  );

/** In one round trip. */
export const benchAccessQuery = (scene: Scene): Promise<Comparison> =>
  benchRead(scene, 'one read by access.query', (access, token, clinicId, serviceId) =>
    access.query(token, clinicId, READ, [serviceId]),
  );

/**
 * One read by key with all that the library does (token, directory, context, commit, cleaning the connection), against
 * the same read as a bare statement of a pool, as the administrator and with an explicit WHERE.
 */
const benchRead = async (scene: Scene, name: string, read: Work): Promise<Comparison> => {
  const cell = await scene.cell();
  const tenants = await plantTenants(cell.admin, 1, 200);
  const [tenant] = tenants as [(typeof tenants)[0]];
  const serviceId = tenant.serviceIds[0] as string;
  return onOneCore(cell.admin, async () => {
    const { access, token } = openApplication(cell, tenants);
    const signed = token(tenant);
    const pool = new pg.Pool(cell.admin);
    try {
      return await compare(
        `${name} / as a bare statement`,
        {
          baseline: async () => {
            for (let n = 0; n < RUNS; n++)
              await pool.query(`${READ} AND clinic_id = $2`, [serviceId, tenant.clinicId]);
          },
          measured: async () => {
            for (let n = 0; n < RUNS; n++) await read(access, signed, tenant.clinicId, serviceId);
          },
        },
        atLeast(0.7, 9),
      );
    } finally {
      await access.close();
      await pool.end();
    }
  });
};
