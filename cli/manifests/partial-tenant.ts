import type { TenantInput } from '../../manifest/index.js';

/** A clinic as a manifest may write it. */
export type ClinicInput = TenantInput['clinics'][number];

/** A part of a manifest: the values of flags, before the rest is asked for or filled in. */
export type PartialTenant = Partial<Omit<TenantInput, 'admin' | 'clinics'>> & {
  readonly admin?: Partial<TenantInput['admin']>;
  readonly clinics?: readonly Partial<ClinicInput>[];
};
