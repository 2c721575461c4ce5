/** A tenant as a cell's database knows it. */
export interface Enrolment {
  readonly tenantId: string;
  readonly slug: string;
  readonly loginRole: string;
  readonly clinics: readonly EnrolledClinic[];
}

export interface EnrolledClinic {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly vertical: string;
  readonly timeZone: string;
}

/** The tenant's own login: named by its id, because a slug may be used again and 63 bytes are the limit of a name. */
export const loginRoleOf = (tenantId: string): string => `rf_t_${tenantId.replaceAll('-', '')}`;
