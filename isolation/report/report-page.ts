import { Html, html } from '../../core/html.js';
import type { CaseResult, SuiteReport, Verdict } from '../suite/case.js';
import { appendix } from './appendix.js';
import { caseGroups } from './case-groups.js';
import { STYLE } from './style.js';

/** The result of one cell, as a report shows it. */
export interface CellReport {
  readonly cell: string;
  readonly region: string;
  readonly report: SuiteReport;
}

const count = (cases: readonly CaseResult[], verdict: Verdict): number =>
  cases.filter((each) => each.verdict === verdict).length;

const worst = (cases: readonly CaseResult[]): Verdict =>
  count(cases, 'leaked') > 0 ? 'leaked' : count(cases, 'held') === 0 ? 'unproven' : 'held';

/**
 * The report of an isolation test as one HTML file that needs nothing else: for the security team of a customer. It
 * holds names of cells, tables and roles, but no id, secret or row.
 */
export const reportPage = (cells: readonly CellReport[]): string => {
  const all = cells.flatMap(({ report }) => report.cases);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Isolation test report</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>Isolation test report</h1>
<p class="muted">Ringfence tried to reach one tenant's data as another, on the running deployment, with throw-away tenants that it planted and removed again.</p>
${verdict(all, cells[0]?.report.notCovered.length ?? 0)}
${cells.map((cell) => cellPart(cell, cells.length > 1))}
${appendix(cells.map(({ report }) => report))}
</body>
</html>
`.text;
};

const verdict = (cases: readonly CaseResult[], notCovered: number): Html => {
  const [leaks, unproven] = [count(cases, 'leaked'), count(cases, 'unproven')];
  const title =
    leaks > 0
      ? `${leaks} of ${cases.length} attempts got through`
      : `${cases.length} attempts, none reached another tenant`;
  const more =
    unproven > 0
      ? `${unproven} could not be made as they should and prove nothing; they are not counted as held.`
      : 'Every attempt could be made, and met its defence.';
  const open =
    notCovered > 0 ? ` ${notCovered} known ways were not covered here; they are listed at the end.` : '';
  return html`<div class="verdict ${worst(cases)}"><strong>${title}</strong><p>${more}${open}</p></div>`;
};

const cellPart = ({ cell, region, report }: CellReport, several: boolean): Html => html`
${several ? html`<h2>Cell ${cell}</h2>` : ''}
<table class="facts">
<tr><th>Deployment</th><td>cell ${cell}, region ${region}</td></tr>
<tr><th>Server</th><td>Postgres ${report.postgres}</td></tr>
<tr><th>When</th><td>${report.startedAt.replace('T', ' ').replace(/\..*/, ' UTC')}, ${(report.durationMs / 1000).toFixed(1)} s</td></tr>
<tr><th>Attacked</th><td>${report.tables} tables with patients' or clinics' data, ${report.cases.length} attempts</td></tr>
<tr><th>Schema lint</th><td>${report.lint.length === 0 ? 'nothing found in the catalogue' : `${report.lint.length} found, listed below`}</td></tr>
</table>
${summary(report)}
${urgent(report)}
${report.scenarios.map((scenario) => scenarioPart(report, scenario))}
${lint(report)}`;

const summary = ({ scenarios, cases }: SuiteReport): Html => html`<h3>By scenario</h3>
<table><thead><tr><th>Scenario</th><th class="number">Attempts</th><th class="number">Held</th><th class="number">Leaked</th><th class="number">Unproven</th><th></th></tr></thead><tbody>
${scenarios.map(({ title, held, leaked, unproven }) => {
  const tried = held + leaked + unproven;
  return html`<tr><td>${title}</td><td class="number">${tried}</td><td class="number">${held}</td><td class="number">${leaked}</td><td class="number">${unproven}</td><td>${bar({ held, leaked, unproven })}</td></tr>
`;
})}
<tr><td><strong>All</strong></td><td class="number"><strong>${cases.length}</strong></td><td class="number"><strong>${count(cases, 'held')}</strong></td><td class="number"><strong>${count(cases, 'leaked')}</strong></td><td class="number"><strong>${count(cases, 'unproven')}</strong></td><td></td></tr>
</tbody></table>`;

const bar = (counts: Readonly<Record<Verdict, number>>): Html => {
  const tried = counts.held + counts.leaked + counts.unproven || 1;
  const part = (name: Verdict): Html =>
    html`<span class="${name}" style="width: ${((100 * counts[name]) / tried).toFixed(1)}%"></span>`;
  return html`<div class="bar">${part('held')}${part('leaked')}${part('unproven')}</div>`;
};

/** The failed cases, which come before all others. */
const urgent = ({ cases }: SuiteReport): Html =>
  html`${(['leaked', 'unproven'] as const).map((name) => {
    const found = cases.filter((each) => each.verdict === name);
    if (found.length === 0) return '';
    return html`<h3>${name === 'leaked' ? 'What got through' : 'What could not be proven'}</h3>${caseTable(found)}`;
  })}`;

const scenarioPart = (report: SuiteReport, scenario: SuiteReport['scenarios'][number]): Html => {
  const cases = report.cases.filter((each) => each.scenario === scenario.name);
  return html`<h2>${scenario.title}</h2>
<p>${scenario.about}</p>
${caseGroups(cases).map(
  ({
    name,
    cases: group,
  }) => html`<details><summary>${name} <span class="muted">(${group.length})</span> ${tags(group)}</summary><div>${caseTable(group)}</div></details>
`,
)}`;
};

const tags = (cases: readonly CaseResult[]): Html[] =>
  (['held', 'leaked', 'unproven'] as const).flatMap((name) => {
    const found = count(cases, name);
    return found === 0
      ? []
      : [html`<span class="tag ${name}">${found === cases.length ? name : `${found} ${name}`}</span> `];
  });

const caseTable = (cases: readonly CaseResult[]): Html => html`<table class="cases">
<thead><tr><th>What was tried</th><th>Expected</th><th>What came back</th><th></th></tr></thead><tbody>
${cases.map(
  ({
    id,
    tried,
    expected,
    cameBack,
    verdict: name,
    isolation,
  }) => html`<tr title="${id}"><td>${tried} <span class="items">[${isolation.join(', ')}]</span></td><td>${expected}</td><td>${cameBack}</td><td><span class="tag ${name}">${name}</span></td></tr>
`,
)}</tbody></table>`;

const lint = ({ lint: findings }: SuiteReport): Html => html`<h2>Schema lint</h2>
<p>The lint reads the database's catalogue and names every table, view, function, key, role and right that would break isolation, whether or not an attempt found it.</p>
${
  findings.length === 0
    ? html`<p>Nothing was found.</p>`
    : html`<table><thead><tr><th>Object</th><th>Problem</th><th>What mends it</th></tr></thead><tbody>${findings.map(
        ({ object, problem, fix, rule }) =>
          html`<tr><td>${object} <span class="items">[${rule}]</span></td><td>${problem}</td><td>${fix}</td></tr>`,
      )}</tbody></table>`
}`;
