import { z } from 'zod';

/** A tenant as a cell's database knows it. */
export interface Enrolment {
  readonly tenantId: string;
  readonly slug: string;
  readonly clinics: readonly EnrolledClinic[];
}

/**
 * Who comes into a tenant in a cell (migration 0012): everybody; only transactions that read, while a move ends those that write
 * (`draining`, `read-only`); nobody, because its home is another cell.
 */
export type Fence = 'open' | 'draining' | 'read-only' | 'closed';

export const enrolledClinicSchema = z.strictObject({
  id: z.guid(),
  slug: z.string(),
  name: z.string(),
  vertical: z.string(),
  timeZone: z.string(),
});

export type EnrolledClinic = Readonly<z.infer<typeof enrolledClinicSchema>>;
