import { type AuditReview, type ReviewLine, reviewAudit } from '../../../../data-plane/audit/review.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { listTenants } from '../../../tenants/store.js';
import type { Step } from '../step.js';

/** More refused attempts of one actor than this are a pattern. */
const REFUSALS_OF_NOTE = 20;

/** The weekly review for a person: refused attempts, visits of support, rows that administrators wrote. */
export const auditReview: Step = async ({ runtime, since, write }) => {
  const until = runtime.now();
  const reviews: { slug: string; review: AuditReview }[] = [];
  for (const { slug, state, id, cell } of await listTenants(runtime.control)) {
    if (state !== 'active') continue;
    const admin = await runtime.target.adminConnection(cell);
    const review = await withConnection(admin, (client) => reviewAudit(client, id, { since, until }));
    reviews.push({ slug, review });
  }
  const of = (part: 'refused' | 'support' | 'byAdministrators') =>
    reviews.reduce((sum, { review }) => sum + review[part].reduce((n, { events }) => n + events, 0), 0);
  const patterns = reviews.flatMap(({ slug, review }) =>
    review.refused.filter(({ events }) => events >= REFUSALS_OF_NOTE).map((line) => ({ slug, ...line })),
  );
  return {
    outcome: patterns.length === 0 ? 'clean' : 'found',
    summary: `${reviews.length} tenants, ${of('refused')} refused, ${of('support')} by support, ${of('byAdministrators')} by administrators, ${patterns.length} patterns`,
    files: [
      await write('audit-review.md', page(reviews, since, until)),
      await write('audit-review.json', `${JSON.stringify({ since, until, patterns, reviews }, null, 2)}\n`),
    ],
  };
};

const page = (reviews: readonly { slug: string; review: AuditReview }[], since: Date, until: Date): string =>
  [
    '# Audit review',
    `From ${since.toISOString()} to ${until.toISOString()}. To be read by a person: what is here is allowed or was refused, but should be known.`,
    ...reviews.map(({ slug, review }) =>
      [
        `## ${slug}: ${review.events} events`,
        section('Refused', review.refused),
        section('Support', review.support),
        section('Written by administrators', review.byAdministrators),
      ].join('\n\n'),
    ),
  ].join('\n\n');

const section = (title: string, lines: readonly ReviewLine[]): string => {
  if (lines.length === 0) return `${title}: none.`;
  const rows = lines.map(
    (line) =>
      `| ${line.clinic} | ${plain(line.actor)} | ${line.action} ${plain(line.subject)} | ${plain(line.reason)} | ${line.events} | ${line.rows} | ${line.lastAt.toISOString()} |`,
  );
  return `### ${title}\n\n| clinic | who | what | reason | events | rows | last |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}`;
};

/** People write the reasons, so their Markdown is taken out. */
const plain = (text: string): string => text.replaceAll(/[\n\r]/g, ' ').replaceAll(/[\\`*_[\]<>|]/g, '\\$&');
