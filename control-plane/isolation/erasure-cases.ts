import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { RingfenceError } from '../../core/errors.js';
import { createAccess } from '../../data-plane/access/create-access.js';
import { controlDirectory } from '../../data-plane/access/directory/control-directory.js';
import { type SignedCertificate, signedCertificate } from '../../data-plane/erasure/certificate.js';
import { verifyCertificate } from '../../data-plane/erasure/sign-certificate.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { Outcome, SuiteCase } from '../../isolation/suite/case.js';
import { held, leaked, unproven } from '../../isolation/suite/judge.js';
import { type CanaryClinic, plantRows, plantTenant } from '../../isolation/suite/plant.js';
import { type Archive, backUp } from '../../isolation/suite/poisoned-lifeboat/archives.js';
import type { Stage } from '../../isolation/suite/stage.js';
import { erasureFolder } from '../control-backup/signing-key.js';
import { projectPublicKey } from '../erasure/certify.js';
import { eraseTenant } from '../erasure/erase-tenant.js';
import { requestErasure } from '../erasure/request-erasure.js';
import { holdTenant, releaseHold } from '../holds/tenant-holds.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';

const REASON = 'isolation test';
const REQUEST = { reason: REASON, waitDays: 0 } as const;

/** A throw-away tenant that was registered, held, and erased by the operations that erase a real one. */
interface Erased {
  readonly clinic: CanaryClinic;
  readonly slug: string;
  readonly archive: Archive;
  /** An access token was let in while it lived. */
  readonly lived: boolean;
  readonly enter: () => Promise<string>;
  /** The answer to the request while a hold was active. */
  readonly heldBack: string;
  readonly certificate: SignedCertificate;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof RingfenceError ? error.code : 'internal'),
  );

const erased = (stage: Stage, runtime: Runtime, cell: string): Promise<Erased> =>
  stage.once('erased by the control plane', async () => {
    const { control, project } = runtime;
    const [clinic] = await plantTenant(stage.admin, 'erased', ['only']);
    if (!clinic) throw new TypeError('no throw-away clinic');
    await plantRows(stage.admin, stage.tables, clinic);
    const { tenantId, clinicId } = clinic;
    const { rows } = await stage.admin.query<{ slug: string }>(
      'SELECT slug FROM ringfence.tenants WHERE id = $1',
      [tenantId],
    );
    const slug = rows[0]?.slug ?? '';
    await control.query(
      `WITH placed AS (
       INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan) VALUES ($1, $2, $3, 'shared', 'active', $4, 'starter')
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
      [tenantId, slug, cell, clinic.marker],
    );
    await control.query(`INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, 'only')`, [
      clinicId,
      tenantId,
    ]);
    const archive = await backUp(stage, tenantId);
    await control.query(
      `INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state) VALUES ($1, $2, $3, 1, $4, $5, 'verified')`,
      [archive.place.backupId, tenantId, cell, runtime.target.objects.place, archive.place.objectKey],
    );
    const enter = await entrance(stage, runtime, cell, clinic);
    const lived = (await enter()) === 'done';
    // It has no stack, as a tenant that was removed before.
    await control.query(`UPDATE control.tenants SET state = 'removed' WHERE id = $1`, [tenantId]);
    const hold = await holdTenant(runtime, slug, { kind: 'legal-hold', reason: REASON, until: null });
    const heldBack = await codeOf(requestErasure(runtime, slug, REQUEST));
    await releaseHold(runtime, slug, hold.id, { reason: REASON });
    await requestErasure(runtime, slug, REQUEST);
    const { id, certificate } = await eraseTenant(runtime, slug);
    for (const form of ['json', 'html'])
      rmSync(join(erasureFolder(project), `${id}.${form}`), { force: true });
    return {
      clinic,
      slug,
      archive,
      lived,
      enter,
      heldBack,
      certificate: signedCertificate.parse(certificate),
    };
  });

/** The access library with a sound access token for the clinic, of someone who works there. */
const entrance = async (stage: Stage, { control }: Runtime, cell: string, clinic: CanaryClinic) => {
  const userId = randomUUID();
  await stage.admin.query(
    `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'canary', 'doctor')`,
    [clinic.clinicId, userId],
  );
  const [issuer, audience] = ['https://id.canary.example', 'https://canary.example'];
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'canary', alg: 'ES256', use: 'sig' }] };
  const token = await new SignJWT({ clinic_id: clinic.clinicId })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'canary' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
  const { host, port, user, password, database } = control.options;
  const connection = { host, port, user, password, database } as Parameters<
    typeof controlDirectory
  >[0]['control'];
  return async (): Promise<string> => {
    const { app, contextKey } = stage.target;
    const directory = controlDirectory({
      control: connection,
      cellAddress: () => ({ cell, connection: app, contextKey }),
    });
    const access = createAccess({ directory, keys, issuer, audience });
    try {
      return await codeOf(access.query(token, clinic.clinicId, 'SELECT FROM ringfence.clinics'));
    } finally {
      await access.close();
      await directory.close();
    }
  };
};

/** Cases of an erasure by the control plane: it leaves nothing that names the tenant, except its records and a certificate. */
export const erasureCases = (runtime: Runtime, cell: string): SuiteCase[] => {
  const { control, target, project } = runtime;
  const hunt = (
    id: string,
    tried: string,
    expected: string,
    attack: (stage: Stage, known: Erased) => Promise<Outcome>,
  ): SuiteCase => ({
    id: `ghost-tenant/erasure/${id}`,
    isolation: [25],
    tried,
    expected,
    run: async (stage) => {
      const known = await erased(stage, runtime, cell);
      return known.lived ? attack(stage, known) : unproven('the tenant was not let in before');
    },
  });
  return [
    hunt('hold', 'Erasing a tenant under a legal hold', 'refused', async (_, { heldBack }) =>
      heldBack === 'erasure_held' ? held('refused (erasure_held)') : leaked(`not refused (${heldBack})`),
    ),
    hunt(
      'access-token',
      'Entering by the access library, with an access token that was let in before',
      'refused: nothing leads to the clinic',
      async (_, { enter }) => {
        const code = await enter();
        if (code === 'done') return leaked('let in');
        return ['access_refused', 'clinic_inactive', 'clinic_not_found'].includes(code)
          ? held(`refused (${code})`)
          : unproven(`ended with ${code}, which is no refusal`);
      },
    ),
    hunt(
      'records',
      'Searching every table of the control database for its name, its slug and the id of its clinic',
      'none of them; its own id in records only',
      async (_, { clinic, slug }) => {
        const found = await tablesWith(runtime, [clinic.marker, slug]);
        const records = ['backups', 'erasures', 'holds', 'operations', 'tenant_keys'];
        const ids = (await tablesWith(runtime, [clinic.tenantId])).filter((name) => !records.includes(name));
        return found.length + ids.length === 0
          ? held('its id in records only')
          : leaked(`found in ${[...new Set([...found, ...ids])].join(', ')}`);
      },
    ),
    hunt(
      'key',
      'Loading its key as another process does, and looking for its bytes',
      'destroyed',
      async (_, { clinic }) => {
        const store = wrappedKeys(control);
        const bytes = (await store.list(clinic.tenantId)).filter(({ wrapped }) => wrapped !== null);
        const code = await codeOf(tenantKeys({ root: target.keyRoot, store }).load(clinic.tenantId));
        return bytes.length === 0 && code === 'key_not_found'
          ? held('destroyed')
          : leaked('the key is there');
      },
    ),
    hunt('objects', 'Looking for the object of its backup', 'it is gone', async (_, { archive }) =>
      (await target.objects.at(target.objects.place, cell).stat(archive.place.objectKey))
        ? leaked('it is there')
        : held('gone'),
    ),
    hunt(
      'certificate',
      'Verifying its certificate, and one in which a date was changed',
      'it holds, has both dates and found nothing; the other is refused',
      async (_, { certificate }) => {
        const trusted = projectPublicKey(project);
        const { keyDestroyedAt, keyCopiesGoneAt, useStoppedAt, checks } = verifyCertificate(
          JSON.stringify(certificate),
          trusted,
        );
        const later = { ...certificate, useStoppedAt: new Date(0).toISOString() };
        const refused = await codeOf(
          Promise.resolve().then(() => verifyCertificate(JSON.stringify(later), trusted)),
        );
        if (refused !== 'certificate_refused') return leaked('the changed one was taken');
        return useStoppedAt <= keyDestroyedAt && keyDestroyedAt < keyCopiesGoneAt
          ? held(`holds; ${checks.length} checks found nothing`)
          : leaked('its dates are out of order');
      },
    ),
    hunt('named', 'Naming it to the control plane', 'it says that it was erased', async (_, { slug }) => {
      const code = await codeOf(getTenant(control, slug));
      return code === 'tenant_erased' ? held('tenant_erased') : leaked(`answered ${code}`);
    }),
  ];
};

/** Tables of the control database, without their schema, in which a row has one of these texts. */
const tablesWith = async ({ control }: Runtime, texts: readonly string[]): Promise<string[]> => {
  const { rows } = await control.query<{ name: string; quoted: string }>(
    `SELECT c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname IN ('control', 'graphile_worker')`,
  );
  const found: string[] = [];
  for (const { name, quoted } of rows) {
    const { rowCount } = await control.query(
      `SELECT FROM ${quoted} AS r WHERE EXISTS (SELECT FROM unnest($1::text[]) AS t WHERE strpos(r::text, t) > 0) LIMIT 1`,
      [texts],
    );
    if (rowCount) found.push(name);
  }
  return found;
};
