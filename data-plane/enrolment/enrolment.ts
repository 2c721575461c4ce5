import { z } from 'zod';

/** A tenant as a cell's database knows it. */
export interface Enrolment {
  readonly tenantId: string;
  readonly slug: string;
  readonly clinics: readonly EnrolledClinic[];
}

/** The actor that closes a tenant whose home is another cell. No person has such a name. */
export const AWAY = 'ringfence:placement';

export const enrolledClinicSchema = z.strictObject({
  id: z.guid(),
  slug: z.string(),
  name: z.string(),
  vertical: z.string(),
  timeZone: z.string(),
});

export type EnrolledClinic = Readonly<z.infer<typeof enrolledClinicSchema>>;
