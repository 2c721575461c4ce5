import { TenantKey } from '../../../data-plane/keys/tenant-key.js';

export const TENANT_A = '3f0c1d52-8a7e-4c3b-9d61-2b5e8f7a4c10';
export const TENANT_B = '91b2c3d4-0e1f-4a2b-8c3d-4e5f60718293';
export const CLINIC_A = 'a4b7c2d9-1e3f-4a58-8b6c-9d0e1f2a3b4c';
export const CLINIC_B = 'b5c8d3e0-2f40-4b69-9c7d-ae1f203b4c5d';

/** A tenant key whose 32 bytes are all `fill`. */
export const sampleTenantKey = (tenantId = TENANT_A, version = 1, fill = 7): TenantKey =>
  new TenantKey(tenantId, version, Buffer.alloc(32, fill));

/** A copy of the bytes with one bit changed. */
export const flipBit = (bytes: Buffer, bit: number): Buffer => {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return flipped;
};
