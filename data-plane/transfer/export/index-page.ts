import { type Html, html } from '../../../core/html.js';
import { tableFile } from '../../database/table-name.js';
import type { TableDescription } from './dictionary.js';
import type { CountedClinic, ExportManifest } from './manifest.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border-bottom:1px solid #ddd;padding:.2rem .8rem .2rem 0;text-align:start;vertical-align:top}
td.n{text-align:end;font-variant-numeric:tabular-nums}code{background:#f4f4f4;padding:0 .2em}h2{margin-top:2.5rem}`;

/** The page that explains an export to people; it needs nothing from outside. */
export const indexPage = (manifest: ExportManifest, dictionary: readonly TableDescription[]): string => {
  const { tenant, clinics, createdAt, complete } = manifest;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Export of ${tenant.legalName}</title><style>${STYLE}</style></head><body>
<h1 dir="auto">${tenant.legalName}</h1>
<p>All rows of ${complete ? 'every clinic' : 'the clinics below, not of every clinic'} of <code>${tenant.slug}</code> as of
${createdAt.toISOString()}: ${manifest.rows} rows of ${clinics.length} ${clinics.length === 1 ? 'clinic' : 'clinics'}.</p>
<p><strong>These files hold health data, decrypted.</strong> Whoever has them can read them: keep them encrypted, and
delete them when they are no longer needed.</p>
<h2>How to read it</h2>
<ul>
<li>Each table comes twice. The <b>CSV</b> files are for spreadsheets (separator: comma). The <b>JSON Lines</b> files have
one row a line and are exact; programs should read those.</li>
<li>In a CSV file a text that a spreadsheet would take for a formula has an apostrophe in front. An empty cell has no value.</li>
<li>Times are in UTC. Encrypted columns are decrypted; what only served to search them is left out.</li>
<li>Rows refer to each other by <code>id</code>; which columns do, the tables below say.</li>
<li>To see that nothing was changed: <code>sha256sum -c SHA256SUMS</code> in this folder.</li>
<li>${complete ? html`<a href="audit.jsonl">audit.jsonl</a> has who did what, linked by hashes. ` : ''}For programs:
<a href="manifest.json">manifest.json</a>, <a href="dictionary.json">dictionary.json</a>.</li>
</ul>
${clinics.map(clinicSection)}
<h2>What the tables are</h2>
${dictionary.map(tableSection)}
<p>Export <code>${manifest.id}</code>, ${manifest.tool.name} ${manifest.tool.version}</p>
</body></html>
`.text;
};

const clinicSection = ({ name, slug, vertical, timeZone, state, rows, tables }: CountedClinic): Html => html`
<h2 dir="auto">${name}</h2>
<p><code>${slug}</code>, ${vertical}, ${timeZone}, ${state}: ${rows} rows</p>
<table><tr><th>table<th>rows<th>files</tr>
${Object.entries(tables).map(([table, count]) => {
  const file = tableFile(table);
  const path = `clinics/${encodeURIComponent(slug)}/${file}`;
  return html`<tr><td><a href="#${file}">${table}</a><td class="n">${count}<td><a href="${path}.csv">CSV</a> <a href="${path}.jsonl">JSON Lines</a></tr>
`;
})}</table>`;

const tableSection = (table: TableDescription): Html => html`
<h3 id="${table.file}">${table.table}</h3>
${table.description === null ? '' : html`<p dir="auto">${table.description}</p>`}
<table><tr><th>column<th>type<th>what it is</tr>
${table.columns.map(
  (
    column,
  ) => html`<tr><td><code>${column.name}</code><td>${column.type}<td dir="auto">${notes(table, column)}</tr>
`,
)}</table>
${table.rules.map((rule) => html`<p><code>${rule}</code></p>`)}`;

const notes = (
  { primaryKey, references }: TableDescription,
  { name, storedAs, nullable, encrypted, description }: TableDescription['columns'][number],
): string =>
  [
    ...(description === null ? [] : [description]),
    ...(primaryKey.includes(storedAs) ? ['part of the key'] : []),
    ...references
      .filter(({ columns }) => columns.at(-1) === name)
      .map(({ table, to }) => `refers to ${table} (${to.at(-1)})`),
    ...(encrypted ? ['encrypted in the database'] : []),
    ...(nullable ? ['may be empty'] : []),
  ].join('; ');
