import { userInfo } from 'node:os';
import type { OperationKind } from '../../control-plane/operation/kinds.js';
import { abortOperation } from '../../control-plane/unfinished/abort-operation.js';
import { getUnfinished } from '../../control-plane/unfinished/get-unfinished.js';
import { resumeOperation } from '../../control-plane/unfinished/resume-operation.js';
import { type Context, confirm, confirmByName, yesOption } from '../context.js';
import { manifestOf, putAwayManifest } from '../manifests.js';
import { sayMended } from '../print-mended.js';
import { progress } from '../progress.js';
import { withRuntime } from '../with-runtime.js';

/** Kinds that delete rows. */
const DELETING: readonly OperationKind[] = ['remove', 'erase'];

/** `ringfence operations resume <operation>` */
export const operationsResume = async (
  context: Context,
  options: { readonly confirm?: string },
  id: string,
): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const { kind, slug } = await getUnfinished(runtime, id);
    const question = `Go on with the ${kind} of ${slug}?`;
    if (DELETING.includes(kind))
      await confirmByName(context, slug, question, yesOption(context, slug, options.confirm));
    else await confirm(context, question);
    const report = progress(context, slug);
    const operation = await resumeOperation(runtime, id, {
      by: userInfo().username,
      manifestOf: (of) => manifestOf(context, of),
      onStep: report.step,
      onChange: report.change,
      onMended: (difference) => sayMended(context, 'the cell', difference),
    });
    report.done();
    if (kind === 'remove') putAwayManifest(context, slug);
    context.result({ id: operation.id, kind, slug, resumed: true }, () => `the ${kind} of ${slug} is done\n`);
  });
};

/** `ringfence operations abort <operation>` */
export const operationsAbort = async (context: Context, _options: unknown, id: string): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const { kind, slug } = await getUnfinished(runtime, id);
    await confirm(context, `Give up the ${kind} of ${slug}, and undo what it did?`);
    const operation = await abortOperation(runtime, id, { by: userInfo().username });
    const { undone } = operation;
    context.result(
      operation,
      () =>
        `the ${kind} of ${slug} is given up; ${undone.length > 0 ? `undone: ${undone.join(', ')}` : 'it had done nothing yet'}\n`,
    );
  });
};
