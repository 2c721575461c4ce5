import { join } from 'node:path';
import type { Project } from '../../control-plane/project/project.js';
import { openLocalProject } from '../../data-plane/access/index.js';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { AUDIENCE, ISSUER, identityProvider } from '../../test/data-plane/access/token-maker.js';
import type { ApplicationOptions, Lane } from '../move/messages.js';

const TOKEN_SECONDS = 3_500;

const query = async <T>(
  project: Project,
  cell: string,
  sql: string,
  values: readonly unknown[],
): Promise<T[]> => {
  const server = runningLocalServer(join(project.home, 'cells', cell));
  if (!server) throw new Error(`cell ${cell} does not run`);
  return withConnection(
    { ...server, database: CELL_DATABASE },
    async (client) => (await client.query(sql, [...values])).rows as T[],
  );
};

/** A lane for the owner of each clinic of a tenant, and what applications need to work in them. */
export const ownersOf = async (
  project: Project,
  cell: string,
  slug: string,
): Promise<{ readonly lanes: readonly Lane[]; readonly options: ApplicationOptions }> => {
  const provider = identityProvider();
  const owners = await query<{ clinicId: string; userId: string }>(
    project,
    cell,
    `SELECT DISTINCT ON (s.clinic_id) s.clinic_id AS "clinicId", s.user_id AS "userId"
       FROM clinical.staff s JOIN ringfence.clinics c ON c.id = s.clinic_id JOIN ringfence.tenants t ON t.id = c.tenant_id
      WHERE t.slug = $1 AND s.role = 'owner' AND s.active AND s.user_id IS NOT NULL ORDER BY s.clinic_id, s.id`,
    [slug],
  );
  const expires = provider.nowSeconds() + TOKEN_SECONDS;
  return {
    lanes: owners.map(({ clinicId, userId }) => ({
      clinicId,
      token: provider.token(clinicId, { sub: userId, exp: expires }),
    })),
    options: { home: project.home, keys: provider.keys, issuer: ISSUER, audience: AUDIENCE },
  };
};

/** @returns how many rows of the applications the home of the clinics has. */
export const writtenIn = async (project: Project, lanes: readonly Lane[]): Promise<number> => {
  const local = openLocalProject(project.home);
  try {
    const home = await local.directory.locate(lanes[0]?.clinicId ?? '');
    const [found] = await query<{ count: number }>(
      project,
      home?.cell ?? '',
      `SELECT count(*)::int AS count FROM clinical.services WHERE clinic_id = ANY ($1) AND name = 'written meanwhile'`,
      [lanes.map(({ clinicId }) => clinicId)],
    );
    return found?.count ?? 0;
  } finally {
    await local.close();
  }
};
