import type pg from 'pg';
import type { Connection } from '../database/connect.js';
import { publish, type StreamedTable, unpublish } from './publication.js';
import { createSlot, type NewSlot } from './slot.js';
import { exactly } from './stream-names.js';

/** What one end of a move sends. */
interface Published {
  /** Of the publication and of the slot. */
  readonly name: string;
  readonly tenantId: string;
  readonly tables: readonly StreamedTable[];
}

/**
 * Publishes a tenant's rows and makes the slot that streams them. Where the slot cannot be made, nothing is left.
 * @param client of the administrator to the same cell as `admin`.
 * @throws RingfenceError `timeout` after `waitMs`, naming what it waited for.
 */
export const openStream = async (
  admin: Connection,
  client: pg.Client,
  { name, tenantId, tables }: Published,
  { waitMs, onPublished }: { readonly waitMs: number; readonly onPublished?: () => void },
): Promise<NewSlot> => {
  await publish(client, name, tenantId, tables);
  onPublished?.();
  return createSlot(admin, name, { waitMs }).catch(async (error: unknown) => {
    await unpublish(client, exactly(name));
    throw error;
  });
};
