// What a careless script does to a clinic's data, for the quickstart to repair. Works on the local target only.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

const load = async (root, path) => import(join(root, 'dist', path));

const withTenant = async (root, slug, work) => {
  const { makeOwnEnvironment } = await load(root, 'cli/process/own-environment.js');
  makeOwnEnvironment(process.env);
  const { openRuntime } = await load(root, 'control-plane/open-runtime.js');
  const { openProject } = await load(root, 'control-plane/project/project.js');
  const { getTenant } = await load(root, 'control-plane/tenants/store.js');
  const project = openProject(root, process.env.RINGFENCE_HOME);
  const runtime = await openRuntime({
    project,
    caller: { who: 'accident', door: 'toolkit', correlationId: randomUUID() },
    env: process.env,
    onProgress: () => undefined,
  });
  try {
    const tenant = await getTenant(runtime.control, slug);
    return await work(tenant, await runtime.target.adminConnection(tenant.cell));
  } finally {
    await runtime.close();
  }
};

/** Deletes every invoice line of a tenant. @returns how many there were. */
export const loseInvoiceLines = (root, slug) =>
  withTenant(root, slug, async (tenant, connection) => {
    const { withConnection } = await load(root, 'data-plane/database/connect.js');
    const deleted = await withConnection(connection, (client) =>
      client.query('DELETE FROM clinical.invoice_lines WHERE clinic_id = ANY ($1::uuid[])', [
        Object.values(tenant.clinicIds),
      ]),
    );
    return deleted.rowCount;
  });

/** The digest of everything that a tenant has, in hex. */
export const digestOf = (root, slug) =>
  withTenant(root, slug, async (tenant, connection) => {
    const { tenantDigest } = await load(root, 'data-plane/backup/tenant/digest.js');
    return (await tenantDigest(connection, tenant.id)).digest;
  });
