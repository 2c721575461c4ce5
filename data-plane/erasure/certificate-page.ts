import { type Html, html } from '../../core/html.js';
import type { SignedCertificate } from './certificate.js';
import { fingerprint } from './sign-certificate.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border-bottom:1px solid #ddd;padding:.2rem 1rem .2rem 0;text-align:start;vertical-align:top}
td.n{text-align:end;font-variant-numeric:tabular-nums}code{overflow-wrap:anywhere}h2{margin-top:2rem}@media print{body{margin:0}}`;

const WHAT: Readonly<Record<SignedCertificate['checks'][number]['check'], string>> = {
  rows: 'rows that name the tenant or a clinic of it',
  'scratch-copies': 'schemas with copies of its rows',
  roles: 'database logins of the tenant',
  sessions: 'sessions of its login',
  routes: 'records that lead to it',
  'key-bytes': 'versions of its key that have their bytes',
  'key-opens': 'versions of its key that open',
  'archives-open': 'archives whose key opens',
  objects: 'objects of its backups',
  jobs: 'jobs in the queue',
  stacks: 'files of its stack',
  manifests: 'manifest files',
  'kept-data': 'folders that restores had kept aside',
};

/** The certificate for people; it needs nothing from outside and says nothing that the JSON does not. */
export const certificatePage = (certificate: SignedCertificate): string => {
  const { erased, checks, limits, publicKey } = certificate;
  const rows = Object.entries(erased.rows).filter(([, count]) => count > 0);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Certificate of erasure ${certificate.id}</title><style>${STYLE}</style></head><body>
<h1>Certificate of erasure</h1>
<p>Tenant <code>${certificate.tenantId}</code> was erased from this deployment (GDPR Art. 17). What was looked for
afterwards, and what that does not reach, is below.</p>
<table>
${[
  line('Asked for', certificate.requestedAt),
  line('Reason', html`<span dir="auto">${certificate.reason}</span>`),
  line('Use stopped', html`${certificate.useStoppedAt}<br>Nobody of the tenant got in from then on.`),
  line(
    'Key destroyed',
    html`${certificate.keyDestroyedAt}<br>No version of it is kept here. An application that had it open could use it for 5 minutes more.`,
  ),
  line(
    'Last copy of the wrapped key ceases to exist',
    html`${certificate.keyCopiesGoneAt}<br>Backups of the control database are kept ${certificate.controlBackupDays} days. Until then such a backup, the root key and a copy of an archive together open that archive.`,
  ),
  line('Finished', certificate.finishedAt),
]}</table>
<h2>What was erased</h2>
<table><tr><th>what<th>number</tr>
${[
  counted('clinics', erased.clinics),
  counted('versions of the key', erased.keyVersions),
  counted('objects of backups', erased.objects),
  counted('copies that restores had made', erased.scratchCopies),
  rows.map(([table, count]) => counted(html`rows of <code>${table}</code>`, count)),
]}</table>
<h2>What was looked for afterwards</h2>
<table><tr><th>what<th>where<th>found</tr>
${checks.map(
  ({ check, where, found }) =>
    html`<tr><td>${WHAT[check]}<td><code>${where}</code><td class="n">${found}</tr>
`,
)}</table>
<h2>What these checks do not reach</h2>
<ul>${limits.map((limit) => html`<li dir="auto">${limit}</li>`)}</ul>
<p>Certificate <code>${certificate.id}</code>, signed with Ed25519. Fingerprint of the key:
<code>${fingerprint(publicKey)}</code>. The JSON of this certificate is what is signed:
<code>ringfence erasures verify &lt;file.json&gt;</code>.</p>
</body></html>
`.text;
};

const line = (what: string, value: unknown): Html => html`<tr><th>${what}<td>${value}</tr>
`;
const counted = (what: unknown, count: number): Html => html`<tr><td>${what}<td class="n">${count}</tr>
`;
