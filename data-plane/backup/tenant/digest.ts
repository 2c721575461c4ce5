import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Connection } from '../../database/connect.js';
import { copyOut } from './copy.js';
import { CLINICS_SECTION, COLUMNS_SECTION, type Section, tenantSections } from './sections.js';
import { withSnapshot } from './snapshot.js';

/** A table of a tenant as COPY BINARY writes it, rows by primary key. `sha256` is hex. */
export interface TableDigest {
  /** `schema.table` */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The rows of a tenant at one moment, as digests. */
export interface TenantDigest {
  /** SHA-256, hex, over the hex digests of the sections in order: clinics, columns, tables. */
  readonly digest: string;
  readonly rows: number;
  readonly tables: readonly TableDigest[];
}

export const digestSection = async (client: pg.ClientBase, section: Section): Promise<TableDigest> => {
  const copy = copyOut(client, section.query);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of copy.bytes) {
    hash.update(part);
    bytes += part.length;
  }
  return { table: section.name, rows: copy.rows(), bytes, sha256: hash.digest('hex') };
};

/** Sums up the digests of all sections of a backup, the describing ones included. */
export const summarise = (sections: readonly TableDigest[]): TenantDigest => {
  const hash = createHash('sha256');
  for (const { sha256 } of sections) hash.update(sha256);
  const tables = sections.filter(({ table }) => table !== CLINICS_SECTION && table !== COLUMNS_SECTION);
  return {
    digest: hash.digest('hex'),
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    tables,
  };
};

/**
 * The digest of a tenant's rows as they are now. Equal to that of a backup when and only when the tenant has the same
 * clinics, columns and rows.
 *
 * @param connection of an administrator whom row-level security does not bind; otherwise database_refused.
 * @param tables `schema.table`; only these then, and the digest is over them alone. Default: everything.
 */
export const tenantDigest = (
  connection: Connection,
  tenantId: string,
  tables?: readonly string[],
): Promise<TenantDigest> =>
  withSnapshot(connection, async (client) => {
    const { sections } = await tenantSections(client, tenantId);
    const digests: TableDigest[] = [];
    for (const section of sections) {
      if (tables === undefined || tables.includes(section.name))
        digests.push(await digestSection(client, section));
    }
    return summarise(digests);
  });
