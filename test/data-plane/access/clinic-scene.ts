import { randomUUID } from 'node:crypto';
import { afterEach } from 'vitest';
import type { ContextSubject } from '../../../data-plane/access/context-token.js';
import { type Access, type AccessOptions, createAccess } from '../../../data-plane/access/create-access.js';
import type { Directory, Located } from '../../../data-plane/access/directory/directory.js';
import type { ReportedRefusal } from '../../../data-plane/access/refusals/refusal-reporter.js';
import { OPEN_POLICY } from '../../../data-plane/access/security-policy.js';
import {
  plantClinic,
  plantStaff,
  TEST_CONTEXT_KEY,
  type TestClinic,
  useDatabase,
} from '../../support/cell-database.js';
import { AUDIENCE, ISSUER, identityProvider, type Json } from './token-maker.js';

/** Someone who works in a clinic, with a token of theirs. */
export interface Colleague extends Required<Omit<ContextSubject, 'epoch'>> {
  token(changes?: Json): string;
}

/** A cell with clinics, a directory in memory, and an identity provider; what was opened is closed after each test. */
export const useClinics = () => {
  const idp = identityProvider();
  const database = useDatabase();
  const located = new Map<string, Located>();
  const forgotten: string[] = [];
  const refusals: ReportedRefusal[] = [];
  const opened: Access[] = [];

  const directory: Directory = {
    locate: async (clinicId) => located.get(clinicId),
    forget: (clinicId) => void forgotten.push(clinicId),
    close: async () => undefined,
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((access) => access.close()));
    refusals.length = 0;
  });
  /** Someone who works in a clinic that was planted, and the clinic in the directory. */
  const colleague = async (clinic: TestClinic, role: string): Promise<Colleague> => {
    const staff = await plantStaff(database.admin, clinic, role);
    located.set(staff.clinicId, {
      cell: 'test',
      connection: database.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      clinicId: staff.clinicId,
      tenantId: staff.tenantId,
      state: 'active',
      security: OPEN_POLICY,
    });
    const token = (changes: Json = {}): string =>
      idp.token(staff.clinicId, { sub: staff.userId, ...changes });
    return { ...staff, token };
  };
  return {
    idp,
    database,
    located,
    forgotten,
    refusals,
    access: (options: Partial<AccessOptions> = {}): Access => {
      const access = createAccess({
        directory,
        keys: idp.keys,
        issuer: ISSUER,
        audience: AUDIENCE,
        onRefused: (refusal) => void refusals.push(refusal),
        ...options,
      });
      opened.push(access);
      return access;
    },
    /** Plants a tenant with one clinic and someone who works there. */
    clinic: async (slug: string, role = 'owner'): Promise<Colleague> => {
      const name = `${slug}-${randomUUID().slice(0, 8)}`;
      return colleague(await plantClinic(database.admin, name), role);
    },
    /** Someone else who works in a clinic that was planted. */
    colleague,
    /** Plants another clinic of the same tenant. */
    sister: async ({ tenantId }: TestClinic): Promise<Colleague> => {
      const clinicId = randomUUID();
      await database.admin.query(
        `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
         VALUES ($1, $2, 'sister', 'sister', 'dental', 'Europe/Madrid', 'active')`,
        [clinicId, tenantId],
      );
      return colleague({ tenantId, clinicId }, 'owner');
    },
  };
};

export const SERVICE = `INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30) RETURNING id`;
