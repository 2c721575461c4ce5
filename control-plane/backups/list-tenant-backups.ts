import type { Runtime } from '../runtime.js';
import { getKnownTenant } from '../tenants/store.js';
import { type BackupRecord, listBackups } from './store.js';

/** The backups of a tenant, of a removed one too, newest first. @throws RingfenceError `tenant_not_found` */
export const listTenantBackups = async ({ control }: Runtime, slug: string): Promise<BackupRecord[]> =>
  listBackups(control, (await getKnownTenant(control, slug)).id);
