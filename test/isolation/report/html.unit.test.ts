import { describe, expect, it } from 'vitest';
import { html } from '../../../core/html.js';
import { reportPage } from '../../../isolation/report/report-page.js';
import type { CaseResult, SuiteReport } from '../../../isolation/suite/run-suite.js';

const HOSTILE = `<script>alert("1")</script>'&`;

const hostileCase = (verdict: CaseResult['verdict']): CaseResult => ({
  id: `side-door/${HOSTILE}/${verdict}`,
  scenario: 'side-door',
  isolation: [1],
  tried: HOSTILE,
  expected: HOSTILE,
  cameBack: HOSTILE,
  verdict,
});

const report: SuiteReport = {
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1_000,
  postgres: HOSTILE,
  tables: 1,
  seed: 7,
  cases: [hostileCase('held'), hostileCase('leaked'), hostileCase('unproven')],
  scenarios: [{ name: 'side-door', title: HOSTILE, about: HOSTILE, held: 1, leaked: 1, unproven: 1 }],
  lint: [{ rule: HOSTILE, isolation: [1], object: HOSTILE, problem: HOSTILE, fix: HOSTILE }],
  notCovered: [{ status: 'known limit', isolation: [1], scenario: 'side-door', what: HOSTILE, why: HOSTILE }],
};

describe('the HTML report', () => {
  it('escapes whatever is put in, and nothing twice', () => {
    expect(html`<b title="${'"'}">${HOSTILE}${html`<i>${'&'}</i>`}${['<', html`<u></u>`]}</b>`.text).toBe(
      '<b title="&quot;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;<i>&amp;</i>&lt;<u></u></b>',
    );
  });

  it('is one file that loads and runs nothing', () => {
    const page = reportPage([{ cell: HOSTILE, region: HOSTILE, report }]);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|@import|url\(/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('tells first what got through, and says of what proves nothing that it does', () => {
    const page = reportPage([{ cell: 'one', region: 'eu', report }]);
    expect(page).toContain('1 of 3 attempts got through');
    expect(page).toContain('1 could not be made as they should and prove nothing');
    expect(page.indexOf('What got through')).toBeLessThan(page.indexOf('<h2>'));
    expect(page).toContain('--seed 7');
  });

  it('names each cell where there are several', () => {
    const page = reportPage([
      { cell: 'one', region: 'eu', report },
      { cell: 'two', region: 'eu', report },
    ]);
    expect(page).toMatch(/<h2>Cell one<\/h2>[\s\S]*<h2>Cell two<\/h2>/);
  });
});
