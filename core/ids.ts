import { createHash } from 'node:crypto';
import { RingfenceError } from './errors.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Identifier of a tenant in the control database: a UUID in lower case. */
export type TenantId = Branded<'TenantId'>;
/** Identifier of a clinic and the boundary of every row: a UUID in lower case. */
export type ClinicId = Branded<'ClinicId'>;
/** Name of a tenant, clinic, service or member of staff: safe in paths, SQL names, DNS labels and stack names. */
export type Slug = Branded<'Slug'>;
/** Name of a cell; the same alphabet as a slug. */
export type CellName = Branded<'CellName'>;

/** 3 to 40 characters, a letter first, no hyphen at the end and never two in a row. */
export const SLUG_PATTERN = /^(?!.*--)[a-z][a-z0-9-]{1,38}[a-z0-9]$/;
export const SLUG_ALLOWED =
  '3 to 40 characters: lower-case letters a-z, digits and single hyphens, a letter first, no hyphen last';

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isSlug = (text: string): text is Slug => SLUG_PATTERN.test(text);

/** Each parser returns its branded type or throws RingfenceError `usage`. */
export const parseTenantId = (text: string): TenantId => uuid(text, 'tenant id') as TenantId;
export const parseClinicId = (text: string): ClinicId => uuid(text, 'clinic id') as ClinicId;
export const parseSlug = (text: string): Slug => name(text, 'slug') as Slug;
export const parseCellName = (text: string): CellName => name(text, 'cell name') as CellName;

function uuid(text: string, what: string): string {
  const lower = text.toLowerCase();
  if (UUID_PATTERN.test(lower)) return lower;
  throw new RingfenceError('usage', `not a ${what}: a UUID is expected`, {
    fix: 'give it as 8-4-4-4-12 hexadecimal digits',
  });
}

function name(text: string, what: string): string {
  if (isSlug(text)) return text;
  throw new RingfenceError('usage', `not a ${what}`, { fix: `allowed: ${SLUG_ALLOWED}` });
}

/** Namespace of the derived clinic ids. Changing it would change every id that no manifest pins. */
const CLINIC_NAMESPACE = Buffer.from('6a1f3f0c0f6b4f5e9d0e6c1b7c5a2d84', 'hex');

/**
 * The id of a clinic whose manifest pins none: UUID version 5 (RFC 9562) of `<tenant slug>/<clinic slug>`,
 * so that every machine derives the same one.
 */
export function deriveClinicId(tenant: string, clinic: string): ClinicId {
  const bytes = createHash('sha1')
    .update(CLINIC_NAMESPACE)
    .update(`${tenant}/${clinic}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join('-') as ClinicId;
}
