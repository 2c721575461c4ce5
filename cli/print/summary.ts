import type { DeploymentSummary } from '../../control-plane/provisioning/deployment.js';
import { size, table } from './table.js';

/** The place of a tenant's rows, with its own login where it has one. */
export const describeConnection = (connection: DeploymentSummary['connection']): string =>
  `${connection.user === null ? '' : `${connection.user}@`}${connection.host}:${connection.port}/${connection.database}`;

/** The result of a deployment and its proof, with the next commands. */
export const describeSummary = (summary: DeploymentSummary): string => {
  const { connection, isolation, backup, slug } = summary;
  const rows = [
    ['id', summary.tenantId],
    ['cell', `${summary.cell} (${summary.tier}, ${summary.region})`],
    ['database', describeConnection(connection)],
    [
      'isolation',
      `${isolation.checks} attempts on ${isolation.tables} tables, ${isolation.leaks} leaks, ${isolation.unproven} unproven`,
    ],
    [
      'backup',
      backup
        ? `${backup.id}, ${backup.rows} rows, ${size(backup.storedBytes)}, restored into a scratch schema: digests equal`
        : 'the last verified one still counts',
    ],
    ['deploy', `${(summary.deployMs / 1000).toFixed(2)} s`],
  ];
  const next = [
    `ringfence tenants show ${slug}`,
    `ringfence demo load ${slug}`,
    `ringfence backups run ${slug}`,
  ];
  return `${table(['', slug], rows)}\nnext:\n${next.map((line) => `  ${line}\n`).join('')}`;
};
