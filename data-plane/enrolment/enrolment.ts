/** A tenant as a cell's database knows it. */
export interface Enrolment {
  readonly tenantId: string;
  readonly slug: string;
  readonly clinics: readonly EnrolledClinic[];
}

/** The actor that closes a tenant whose home is another cell. No person has such a name. */
export const AWAY = 'ringfence:placement';

export interface EnrolledClinic {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly vertical: string;
  readonly timeZone: string;
}
