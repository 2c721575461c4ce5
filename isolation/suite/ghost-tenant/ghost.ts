import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { restoreToSchema } from '../../../data-plane/backup/tenant/restore/to-schema.js';
import { Client } from '../../../data-plane/database/client.js';
import { scramVerifier } from '../../../data-plane/database/scram.js';
import { grantTenantRights } from '../../../data-plane/enrolment/tenant-rights.js';
import { endSessions, eraseFromCell } from '../../../data-plane/erasure/erase-from-cell.js';
import type { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import { attempt } from '../../attempt.js';
import { digestRows } from '../digest.js';
import { type CanaryClinic, plantRows, plantTenant } from '../plant.js';
import { type Archive, backUp, keyOf } from '../poisoned-lifeboat/archives.js';
import { canaryLoginPrefix } from '../remove.js';
import { backendPid, enter, type Stage, tokenFor } from '../stage.js';

/** A tenant that lived here, was backed up, and is erased. The cases hunt for its remains. */
export interface Ghost {
  readonly clinic: CanaryClinic;
  readonly slug: string;
  /** A sound token, made for the first connection while it lived. */
  readonly token: Buffer;
  /** Its key, as a process would still have it in memory. */
  readonly oldKey: TenantKey;
  readonly archive: Archive;
  /** A schema with a copy of its rows; undefined where none could be made. */
  readonly copy: string | undefined;
  /** Its own login, and a session of it. */
  readonly login: { readonly role: string; readonly backendPid: number };
  /** True when its rows and its backup were there before. */
  readonly lived: boolean;
  /** True when the neighbour's rows are unchanged, not even written again. */
  readonly neighbourUntouched: boolean;
}

/** The plan that the ghost prepared on the first connection. */
export const GHOST_PLAN = 'canary_ghost';

export const ghost = (stage: Stage): Promise<Ghost> =>
  stage.once('ghost', async () => {
    const [clinic] = await plantTenant(stage.admin, `ghost-${randomBytes(3).toString('hex')}`, ['only']);
    if (!clinic) throw new TypeError('no throw-away clinic');
    await plantRows(stage.admin, stage.tables, clinic);
    const oldKey = (await keyOf(stage, clinic.tenantId)).copy();
    const archive = await backUp(stage, clinic.tenantId);
    const slug = await slugOf(stage, clinic);
    const token = tokenFor(stage, stage.first, clinic);
    await stage.first.query('BEGIN');
    await enter(stage, stage.first, clinic);
    const lives = await attempt(stage.first, 'SELECT FROM ringfence.clinics');
    await stage.first.query(`PREPARE ${GHOST_PLAN} AS SELECT id FROM ringfence.clinics`);
    await stage.first.query('COMMIT');
    const lived = lives.sqlstate === undefined && lives.rows.length === 1;
    const copy = await copyRows(stage, archive);

    const before = await digestRows(stage, [stage.b.clinicId], { versions: true });
    const { session, ...login } = await signIn(stage);
    const subject = { ...clinic, clinicIds: [clinic.clinicId], loginRole: login.role };
    await endSessions(stage.target.admin, subject);
    await eraseFromCell(stage.target.admin, subject);
    await session.end().catch(() => undefined);
    await stage.keys.tenantKeys.destroy(clinic.tenantId);
    await stage.keys.objects.delete(archive.place.objectKey);
    const neighbourUntouched = (await digestRows(stage, [stage.b.clinicId], { versions: true })) === before;
    return { clinic, slug, token, oldKey, archive, copy, login, lived, neighbourUntouched };
  });

/** As `backups restore --into scratch` does. */
const copyRows = async (stage: Stage, { place }: Archive): Promise<string | undefined> => {
  const source = { ...place, admin: stage.target.admin, dryRun: false };
  return (await restoreToSchema(source).catch(() => undefined))?.schema;
};

/** The tenant's own login, signed in. */
const signIn = async (stage: Stage) => {
  const unique = randomBytes(6).toString('hex');
  const role = `${await canaryLoginPrefix(stage.admin)}${unique}`;
  const password = randomBytes(16).toString('hex');
  await stage.admin.query(
    `CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
  );
  await grantTenantRights(stage.admin, role);
  const session = new Client({ ...stage.target.admin, user: role, password });
  session.on('error', () => undefined);
  await session.connect();
  return { role, session, backendPid: backendPid(session) };
};

const slugOf = async (stage: Stage, { tenantId }: CanaryClinic): Promise<string> => {
  const { rows } = await stage.admin.query<{ slug: string }>(
    'SELECT slug FROM ringfence.tenants WHERE id = $1',
    [tenantId],
  );
  return rows[0]?.slug ?? '';
};

/** The same tenant and clinic enrolled again, under the same ids. */
export const enrolAgain = async (stage: Stage, { clinic, slug }: Ghost): Promise<void> => {
  await stage.admin.query(`INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'active')`, [
    clinic.tenantId,
    slug,
  ]);
  await stage.admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'only', 'again', 'canary', 'UTC', 'active')`,
    [clinic.clinicId, clinic.tenantId],
  );
};
