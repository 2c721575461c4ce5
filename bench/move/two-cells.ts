import { randomUUID } from 'node:crypto';
import { bringCellUp } from '../../control-plane/cells/cells-up.js';
import { type RegisteredTenant, recordDeployed, registerTenant } from '../../control-plane/tenants/store.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { enrol } from '../../data-plane/enrolment/enrol.js';
import { type LoadedManifest, parseTenant } from '../../manifest/index.js';
import { AUDIENCE, ISSUER, identityProvider } from '../../test/data-plane/access/token-maker.js';
import type { Scene } from '../scene.js';
import type { ApplicationOptions, Lane } from './messages.js';

export const HERE = 'bench-here';
export const THERE = 'bench-there';
const TOKEN_SECONDS = 3_500;

/** A tenant that is at home in one of the two cells and known in both. */
export interface MovableTenant {
  readonly registered: RegisteredTenant;
  readonly manifest: LoadedManifest;
  /** Writes and reads of its owner. */
  readonly writes: Lane;
  /** Reads of one row. */
  readonly reads: Lane;
}

/** Two deployed cells of the scene's project, on servers of their own. */
export interface TwoCells extends Pick<Scene, 'runtime'> {
  readonly applications: ApplicationOptions;
  plant(rows: number, home?: string): Promise<MovableTenant>;
}

export const openTwoCells = async ({ runtime, project }: Scene): Promise<TwoCells> => {
  const { control, target } = runtime;
  for (const [name, region] of [
    [HERE, 'eu-central-1'],
    [THERE, 'eu-west-1'],
  ] as const)
    await bringCellUp(runtime, { name, tier: 'shared', region });
  const provider = identityProvider();
  const inCell = async <T>(cell: string, work: Parameters<typeof withConnection<T>>[1]): Promise<T> =>
    withConnection(await target.adminConnection(cell), work);

  return {
    runtime,
    applications: { home: project.home, keys: provider.keys, issuer: ISSUER, audience: AUDIENCE },
    plant: async (rows, home = HERE) => {
      const slug = `bench-${randomUUID().slice(0, 8)}`;
      const tenant = parseTenant({
        slug,
        legalName: 'Bench',
        type: 'solo',
        admin: { name: 'Ada', email: 'ada@example.com' },
        clinics: [{ slug: 'only', name: 'Only', vertical: 'dental' }],
      });
      const { id: tenantId } = await registerTenant(control, tenant, home);
      await recordDeployed(control, tenantId, tenant);
      const registered = await registerTenant(control, tenant, home);
      const clinicId = registered.clinicIds.only ?? '';
      const clinics = [{ id: clinicId, slug: 'only', name: 'Only', vertical: 'dental', timeZone: 'UTC' }];
      for (const cell of [HERE, THERE])
        await inCell(cell, (client) => enrol(client, { tenantId, slug, clinics }, { isHome: cell === home }));
      const [userId, serviceId] = [randomUUID(), randomUUID()];
      await inCell(home, async (client) => {
        await client.query(
          `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'Bench', 'owner')`,
          [clinicId, userId],
        );
        await client.query(
          `INSERT INTO clinical.services (clinic_id, id, name, duration_minutes)
           SELECT $1, CASE n WHEN 1 THEN $3 ELSE gen_random_uuid() END, 'service ' || n, 30 FROM generate_series(1, $2::int) AS n`,
          [clinicId, rows, serviceId],
        );
        await client.query('VACUUM ANALYZE clinical.services');
      });
      const expires = provider.nowSeconds() + TOKEN_SECONDS;
      const token = provider.token(clinicId, { sub: userId, exp: expires });
      return {
        registered,
        manifest: { path: `${slug}.yaml`, tenant, hash: '' },
        writes: { clinicId, token },
        reads: { clinicId, token, reads: serviceId },
      };
    },
  };
};
