import type { Certificate } from '../../../data-plane/erasure/certificate.js';

/** A certificate whose texts are in several scripts and would be markup. */
export const SAMPLE: Certificate = {
  format: 'ringfence-erasure-certificate',
  version: 1,
  id: '5b0f3b1e-6f3e-4a53-8a5e-1f0d9a4f7c11',
  tenantId: '1f66d8cd-fa47-4ac8-8371-15cc38685e51',
  reason: 'La clínica «Ñandú» cierra; طلب من العيادة <b>"now"</b> & 😀',
  requestedAt: '2026-10-01T08:00:00.000Z',
  useStoppedAt: '2026-10-01T08:00:01.000Z',
  keyDestroyedAt: '2026-11-01T08:00:00.000Z',
  keyCopiesGoneAt: '2026-12-06T08:00:00.000Z',
  controlBackupDays: 35,
  finishedAt: '2026-11-01T08:00:02.000Z',
  erased: {
    clinics: 2,
    rows: { 'clinical.patients': 1200, 'clinical.visits': 0 },
    keyVersions: 1,
    objects: 3,
    scratchCopies: 0,
  },
  checks: [
    { check: 'rows', where: 'one: clinical.patients.clinic_id', found: 0 },
    { check: 'key-bytes', where: 'control.tenant_keys', found: 0 },
  ],
  limits: ['Lo que se exportó antes.'],
};
