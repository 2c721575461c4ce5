import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { archiveObjectKey } from '../data-plane/backup/archive/in-store.js';
import { type PreviousBackup, takeBackup } from '../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../data-plane/backup/tenant/verify.js';
import { TenantKey } from '../data-plane/keys/tenant-key.js';
import { folderStore } from '../data-plane/objects/folder-store.js';
import { plantTenants } from './cell.js';
import { openScratchCell } from './scratch-cell.js';

// A night of a shared cell: every tenant's backup taken and restored into temporary tables, full, and once more when
// nothing has changed. `npm run nightly -- --tenants 1000 --rows 200 --at-once 2`

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '1000' },
    rows: { type: 'string', default: '200' },
    'at-once': { type: 'string', default: '2' },
  },
});
const cell = await openScratchCell();
const folder = mkdtempSync(join(tmpdir(), 'ringfence-nightly-'));
try {
  const tenants = (await plantTenants(cell.admin, Number(values.tenants), Number(values.rows))).map(
    (tenant) => ({
      tenantId: tenant.tenantId,
      key: new TenantKey(tenant.tenantId, 1, randomBytes(32)),
    }),
  );
  const store = folderStore(folder);
  const newest = new Map<string, PreviousBackup>();
  const backUp = async ({ tenantId, key }: (typeof tenants)[number]): Promise<number> => {
    const backupId = randomUUID();
    const place = { tenantId, key, store, objectKey: archiveObjectKey(tenantId, backupId), backupId };
    const previous = newest.get(tenantId);
    const { storedBytes, manifestPlace } = await takeBackup({
      ...cell,
      ...place,
      now: () => new Date(),
      previous,
    });
    await verifyBackup({ ...place, admin: cell.admin });
    newest.set(tenantId, { backupId, manifestPlace });
    return storedBytes;
  };
  for (const night of ['full', 'incremental']) {
    const waiting = [...tenants];
    const startedMs = performance.now();
    let storedBytes = 0;
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) storedBytes += await backUp(next);
    };
    await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    console.log(JSON.stringify({ night, tenants: tenants.length, seconds, storedBytes }));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  cell.close();
}
