import { z } from 'zod';
import { signedCertificate } from '../../data-plane/erasure/certificate.js';
import { ERASURE_STATES } from '../tenants/erasures.js';
import { moment } from '../view.js';

const asked = {
  id: z.guid(),
  tenantId: z.guid(),
  state: z.enum(ERASURE_STATES),
  reason: z.string(),
  requestedAt: moment,
  dueAt: moment,
  useStoppedAt: moment.nullable(),
};

/** One that was asked for, taken back or carried out. */
export const erasureView = z.object({
  ...asked,
  certificate: signedCertificate.nullable(),
  files: z
    .strictObject({ json: z.string(), html: z.string() })
    .optional()
    .describe('where the certificate was written, once it is done'),
});

export const listedErasuresView = z.array(
  z.object({
    ...asked,
    slug: z.string().nullable().describe('null once it is done'),
    cells: z.array(z.string()),
    clinicIds: z.array(z.guid()),
    requestedBy: z.string(),
    resume: z.boolean().describe('the request suspended the tenant, and taking it back lets it in again'),
    finishedAt: moment.nullable(),
  }),
);

export const issuerKeyView = z.strictObject({ publicKey: z.base64(), fingerprint: z.string() });

export const checkedCertificateView = signedCertificate.extend({
  verified: z.literal(true),
  keyIsTrusted: z.boolean().describe('it is the key that was given, or the one of this project'),
});
