import type { movedOrRehearsedView, moveView } from '../../control-plane/moves/views.js';
import { parseCount } from '../command/option-values.js';
import { findManifest, manifestOf } from '../manifests/find.js';
import { moveReport, rehearsalReport } from '../print/move.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';
import { progress } from '../terminal/progress.js';

/** Options of every command that moves a tenant. */
export const MOVE_OPTIONS = {
  rehearse: {
    description: 'do all but the switch, against a cell that is thrown away, and say what it would cost',
  },
  windowHours: {
    value: '<hours>',
    description: 'how long it can be brought back with what was written since (24)',
    parse: parseCount,
  },
  drainMs: {
    value: '<ms>',
    description: 'how long the fence waits for transactions that are under way (1000)',
    parse: parseCount,
  },
  copyMbPerSecond: {
    value: '<MB>',
    description: 'pace of the copy, for the sake of neighbours; as fast as it goes without',
    parse: parseCount,
  },
  acceptLoss: {
    description: 'go on where a copy deletes writes that only the other cell has, because the home lost them',
  },
} as const;

export interface MoveOptionValues {
  readonly rehearse?: boolean | undefined;
  readonly windowHours?: number | undefined;
  readonly drainMs?: number | undefined;
  readonly copyMbPerSecond?: number | undefined;
  readonly acceptLoss?: boolean | undefined;
  readonly to?: string | undefined;
  readonly region?: string | undefined;
}

const BYTES_PER_MB = 1_000_000;

/** Moves a tenant and writes its new place into its manifest; or rehearses that. */
export const runMove = async (
  context: Context<typeof movedOrRehearsedView>,
  slug: string,
  options: MoveOptionValues,
  tier?: 'shared' | 'dedicated',
): Promise<void> => {
  if (options.rehearse) return runRehearsal(context, slug, options, tier);
  const { windowHours = 24, drainMs = 1_000, copyMbPerSecond, acceptLoss: mayLose, to, region } = options;
  const { moveTenant } = await import('../../control-plane/moves/move-tenant.js');
  await manifestOf(context, slug);
  const where = to ?? ([tier, region].filter(Boolean).join(', ') || 'another cell');
  await confirm(
    context,
    `Move ${slug} to ${where}? It works on meanwhile; its requests wait for a moment at the switch.`,
  );
  await withRuntime(context, async (runtime) => {
    const report = progress(context, slug);
    const request = {
      slug,
      to,
      tier,
      region,
      windowHours,
      drainMs,
      mayLose,
      copyBytesPerSecond: copyMbPerSecond === undefined ? undefined : copyMbPerSecond * BYTES_PER_MB,
      onProgress: (line: string) => context.say(`  ${line}`),
    };
    const move = await moveTenant(runtime, request, report.step);
    report.done();
    await writePlace(context, slug, runtime);
    context.result({ ...move, slug }, () => moveReport(slug, move));
  });
};

const runRehearsal = async (
  context: Context<typeof movedOrRehearsedView>,
  slug: string,
  { drainMs = 1_000, copyMbPerSecond, to, region }: MoveOptionValues,
  tier?: 'shared' | 'dedicated',
): Promise<void> => {
  const { rehearseMove } = await import('../../control-plane/moves/rehearse-move.js');
  await confirm(context, `Rehearse the move of ${slug}? Its requests wait for a moment, as in the move.`);
  const copyBytesPerSecond = copyMbPerSecond === undefined ? undefined : copyMbPerSecond * BYTES_PER_MB;
  const found = await withRuntime(context, (runtime) => {
    const report = progress(context, slug);
    return rehearseMove(runtime, { slug, to, tier, region, drainMs, copyBytesPerSecond }, report.step);
  });
  context.result(found, () => rehearsalReport(found));
};

/** Brings a tenant back and writes its place into its manifest. */
export const runRollback = async (
  context: Context<typeof movedOrRehearsedView> | Context<typeof moveView>,
  slug: string,
  { drainMs = 1_000, acceptLoss: mayLose }: Pick<MoveOptionValues, 'drainMs' | 'acceptLoss'>,
): Promise<void> => {
  const { rollbackMove } = await import('../../control-plane/moves/rollback-move.js');
  await confirm(context, `Bring ${slug} back to the cell that it moved from, with what was written since?`);
  await withRuntime(context, async (runtime) => {
    const report = progress(context, slug);
    const onProgress = (line: string): void => context.say(`  ${line}`);
    const move = await rollbackMove(runtime, { slug, drainMs, mayLose, onProgress }, report.step);
    report.done();
    await writePlace(context, slug, runtime);
    context.result({ ...move, slug }, () => moveReport(slug, move));
  });
};

/** Brings the manifest of a tenant after its home. One that is code, or elsewhere, is its author's to change. */
export const writePlace = async (
  context: Context,
  slug: string,
  runtime: Parameters<Parameters<typeof withRuntime>[1]>[0],
): Promise<void> => {
  const { deployedPlace } = await import('../../control-plane/moves/moved-manifest.js');
  const { editPlacement } = await import('../../manifest/edit-placement.js');
  const place = await deployedPlace(runtime, slug);
  // What came along with a submission lies where it was submitted.
  const path = context.manifests ? undefined : findManifest(context, slug);
  if (path === undefined || path.endsWith('.ts'))
    context.say(
      `write ${JSON.stringify(place)} into ${path ?? `the manifest of ${slug}`}: the tenant lives there by now`,
    );
  else await editPlacement(path, place);
};
