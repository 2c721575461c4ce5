import type { PreviewOutcome, PreviewReport } from '../../control-plane/previews/preview-all.js';
import { describePreview, hasChanges, hasOpenJudgements } from './preview.js';

/** A report for people. Tenants that were named are told also where nothing changes. */
export const describeReport = (
  report: PreviewReport,
  options: { readonly isNamed: boolean; readonly why: boolean },
): string => {
  const told = report.tenants.filter((outcome) => options.isNamed || isTold(outcome));
  const parts = told.map((outcome) => {
    const preview =
      'preview' in outcome ? describePreview(outcome.preview) : `${outcome.slug}: not previewed\n`;
    return preview + (options.why ? describeWhy(outcome) : '');
  });
  const gone = report.gone.map(
    (slug) =>
      `${slug}: its manifest is gone, and a deployment leaves it; \`ringfence tenants remove ${slug}\`\n`,
  );
  return [...parts, ...gone, ...(options.isNamed ? [] : [describeCounts(report)])].join('');
};

const isTold = (outcome: PreviewOutcome): boolean =>
  outcome.why.length > 0 ||
  'error' in outcome ||
  hasChanges(outcome.preview) ||
  hasOpenJudgements(outcome.preview);

const describeWhy = ({ why }: PreviewOutcome): string =>
  why.map(({ part, against, detail }) => `  why: ${part}, ${AGAINST[against]}: ${detail}\n`).join('');

const AGAINST = {
  base: 'since the base',
  deployment: 'since its deployment',
  reality: 'in reality',
} as const;

const describeCounts = ({ tenants, base, failures }: PreviewReport): string => {
  const affected = tenants.filter(({ why }) => why.length > 0).length;
  const failed = tenants.filter((outcome) => 'error' in outcome).length + failures.length;
  const since = base ? `, since ${base.ref} (${base.commit.slice(0, 12)})` : '';
  return `${affected} of ${tenants.length} tenants affected, ${failed} not previewed${since}\n`;
};
