import { z } from 'zod';

export const demoLoadView = z.strictObject({
  slug: z.string(),
  rows: z.int(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int() })),
  seconds: z.number(),
});

export const demoSampleView = z.array(
  z.strictObject({
    clinic: z.string(),
    patients: z.array(
      z.strictObject({
        patientName: z.string(),
        phone: z.string(),
        medicalHistory: z.string(),
        locale: z.string(),
        lastMessage: z.string().nullable(),
      }),
    ),
  }),
);
