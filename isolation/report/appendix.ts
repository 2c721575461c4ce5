import { type Html, html } from '../../core/html.js';
import { KNOWN_BREAKS } from '../known-breaks.js';
import type { SuiteReport } from '../suite/case.js';

/**
 * The end of the report: gaps in coverage, the number of attempts on each known way of breaking isolation, and reading
 * instructions.
 */
export const appendix = (reports: readonly SuiteReport[]): Html =>
  html`${notCovered(reports)}${coverage(reports)}${reading(reports)}`;

const notCovered = (reports: readonly SuiteReport[]): Html => {
  const open = new Map(
    reports.flatMap((report) => report.notCovered.map((each) => [each.what, each] as const)),
  );
  return html`<h2>What was not covered</h2>
<p>Said as plainly as what was. Nothing in this list counts as held.</p>
<table class="open"><thead><tr><th>What</th><th>Status</th><th>Why</th></tr></thead><tbody>
${[...open.values()].map(
  ({
    what,
    status,
    why,
    isolation,
  }) => html`<tr><td>${what} <span class="items">[${isolation.join(', ')}]</span></td><td>${status}</td><td>${why}</td></tr>
`,
)}</tbody></table>`;
};

const coverage = (reports: readonly SuiteReport[]): Html => {
  const cases = reports.flatMap((report) => report.cases);
  return html`<h2>Known ways of breaking isolation</h2>
<p>The numbers in brackets above refer to this list.</p>
<table><thead><tr><th class="number">No.</th><th>Known way</th><th class="number">Attempts</th><th class="number">Not held</th></tr></thead><tbody>
${Object.entries(KNOWN_BREAKS).map(([item, title]) => {
  const tried = cases.filter(({ isolation }) => isolation.includes(Number(item)));
  const open = tried.filter(({ verdict }) => verdict !== 'held').length;
  return html`<tr><td class="number">${item}</td><td>${title}</td><td class="number">${tried.length === 0 ? 'none' : tried.length}</td><td class="number">${tried.length === 0 ? '' : open}</td></tr>
`;
})}</tbody></table>`;
};

const reading = ([first]: readonly SuiteReport[]): Html => html`<h2>How to read this</h2>
<table class="facts">
<tr><th>held</th><td>The attempt was made, and met the defence that was expected.</td></tr>
<tr><th>leaked</th><td>Something of another tenant was reached, or a defence was not there.</td></tr>
<tr><th>unproven</th><td>The attempt could not be made as it should (no row could be planted, a time-out), so it proves nothing.</td></tr>
<tr><th>SQLSTATE 42501</th><td>Postgres' code for “insufficient privilege”: a policy or a missing right refused the statement.</td></tr>
<tr><th>To repeat it</th><td><code>ringfence isolation test --seed ${first?.seed ?? 1} --report report.html</code></td></tr>
</table>
<p class="muted">Rows of real tenants were neither written nor copied. The throw-away tenants, their keys and their backups were removed at the end.</p>`;
