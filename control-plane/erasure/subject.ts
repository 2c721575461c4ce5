import { loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import type { ErasureSubject } from '../../data-plane/erasure/erase-from-cell.js';
import type { Erasure } from '../tenants/erasures.js';

/** An unfinished erasure, with the data that its steps need. */
export interface OpenErasure extends Erasure {
  readonly slug: string;
}

export const subjectOf = ({
  tenantId,
  clinicIds,
}: Pick<Erasure, 'tenantId' | 'clinicIds'>): ErasureSubject => ({
  tenantId,
  clinicIds,
  loginRole: loginRoleOf(tenantId),
});

/** The prefix of a tenant's backups in an object store. It finds objects without a record too. */
export const objectPrefix = (tenantId: string): string => `${tenantId}/`;
