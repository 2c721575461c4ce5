/** A tenant as a cell's database knows it. */
export interface Enrolment {
  readonly tenantId: string;
  readonly slug: string;
  readonly clinics: readonly EnrolledClinic[];
}

export interface EnrolledClinic {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly vertical: string;
  readonly timeZone: string;
}
