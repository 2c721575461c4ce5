import { loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import type { ErasureSubject } from '../../data-plane/erasure/erase-from-cell.js';
import type { Erasure } from '../tenants/erasures.js';

/** An erasure that is not done, with what its steps need to know. */
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

/** Where a tenant's backups lie in an object store; so objects without a record are found too. */
export const objectPrefix = (tenantId: string): string => `${tenantId}/`;
