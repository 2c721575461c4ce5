import type { DeploymentSummary } from '../../control-plane/provisioning/deployment.js';
import type { Runtime } from '../../control-plane/runtime.js';
import type { LoadedManifest } from '../../manifest/index.js';
import { sayMended } from '../print/mended.js';
import { describePreview, hasChanges } from '../print/preview.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';
import { progress } from '../terminal/progress.js';

interface Deploying {
  readonly question: string;
  readonly why?: string | undefined;
  /** URNs of data that may be replaced or deleted. */
  readonly allowReplace: readonly string[];
  /** Looks at the real resources first: what was changed by hand is put back. */
  readonly refresh?: boolean | undefined;
  /** Asks where no resource changes, too. */
  readonly asksAlways?: boolean;
  /** Only shows what would change. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Shows what deploying a manifest changes and what the policies say of it, asks, and deploys.
 * @returns undefined where nothing changes, or was to be changed.
 */
export const deployManifest = async <View, Line>(
  context: Context<View, Line>,
  runtime: Runtime,
  manifest: LoadedManifest,
  { question, why, allowReplace, refresh = false, asksAlways, dryRun }: Deploying,
): Promise<DeploymentSummary | undefined> => {
  const { mendCell } = await import('../../control-plane/cells/repair-cell.js');
  const { deployTenant } = await import('../../control-plane/provisioning/deploy-tenant.js');
  const { refuseViolations } = await import('../../control-plane/policies/refuse.js');
  const { previewTenant } = await import('../../control-plane/previews/preview-tenant.js');
  const preview = await previewTenant(runtime, manifest, { allowReplace, refresh });
  context.say(describePreview(preview).trimEnd());
  refuseViolations(preview.judgements);
  if (dryRun) return undefined;
  const mended = (difference: Parameters<typeof sayMended>[2]): void =>
    sayMended(context, preview.cell, difference);
  if (preview.unaffected) {
    if (!hasChanges(preview)) return undefined;
    await confirm(context, `Put the defences of ${preview.cell} back?`);
    await mendCell(runtime, preview.cell, mended);
    return undefined;
  }
  if (asksAlways || hasChanges(preview)) await confirm(context, question);
  const report = progress(context, manifest.tenant.slug);
  const summary = await deployTenant(runtime, manifest, {
    kind: 'apply',
    why,
    refresh,
    allowReplace,
    onStep: report.step,
    onChange: report.change,
    onMended: mended,
  });
  report.done();
  return summary;
};
