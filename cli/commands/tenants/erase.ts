import { resolve } from 'node:path';
import type { erasureView } from '../../../control-plane/erasure/views.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import type { Erasure } from '../../../control-plane/tenants/erasures.js';
import { RingfenceError } from '../../../core/errors.js';
import { ERASURE_PROMISE_DAYS, WAIT_MAX_DAYS } from '../../../data-plane/erasure/promise.js';
import { defineCommand } from '../../command/define-command.js';
import { parseDays, parseReason } from '../../command/option-values.js';
import { defineOptions, type OptionValues } from '../../command/options.js';
import { findManifest } from '../../manifests/find.js';
import { describeErased } from '../../print/erased.js';
import { sayRows } from '../../print/rows.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, yesOption } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';
import { progress } from '../../terminal/progress.js';

const options = defineOptions({
  reason: {
    value: '<text>',
    description: 'why; it is in the certificate, so name nobody',
    parse: parseReason,
  },
  waitDays: {
    value: '<count>',
    description: 'how long it can be taken back; 0 for at once',
    parse: parseDays(0, WAIT_MAX_DAYS),
    default: ERASURE_PROMISE_DAYS,
  },
  confirm: { value: '<slug>', description: 'the name that a person would type' },
  cancel: { description: 'take the request back; lets the tenant in again' },
  out: { value: '<folder>', description: 'for a copy of the certificate' },
});

type Options = OptionValues<typeof options>;
type Erasing = Context<typeof erasureView>;

/** Asks for it, takes it back, or carries out what is due. */
export const tenantsErase = defineCommand({
  name: 'erase',
  description:
    'erase a tenant for ever, after a wait (GDPR Art. 17): asks for it, then carries it out when due',
  arguments: ['<slug>'],
  options,
  examples: ["ringfence tenants erase clinica-sonrisa --reason 'the contract has ended'"],
  onWorker: { kind: 'tenants erase' },
  view: async () => (await import('../../../control-plane/erasure/views.js')).erasureView,
  run: async (context, options, slug) => {
    const { isErasureBegun } = await import('../../../control-plane/erasure/begun-erasure.js');
    // For a slug that is none.
    findManifest(context, slug);
    await withRuntime(context, async (runtime) => {
      if (options.cancel) return cancel(context, runtime, options, slug);
      if (await isErasureBegun(runtime, slug)) {
        refuseOnWorker(context);
        return carryOut(context, runtime, options, slug);
      }
      const erasure = await request(context, runtime, options, slug);
      if (erasure.dueAt <= runtime.now())
        await carryOut(context, runtime, options, slug, { confirmed: true });
    });
  },
});

/** What it prints would name the tenant in the control database, after its erasure. @throws RingfenceError `usage` */
const refuseOnWorker = ({ caller }: Context): void => {
  if (caller.door !== 'worker') return;
  throw new RingfenceError('usage', 'the erasure is due, and a worker carries it out by itself', {
    fix: 'see how it goes with `ringfence erasures list`',
  });
};

const reasonOf = ({ reason }: Options): string => {
  if (reason !== undefined) return reason;
  throw new RingfenceError('usage', 'an erasure is asked for, and taken back, with --reason <text>', {
    fix: 'the reason is in the certificate and is kept: name nobody in it',
  });
};

const request = async (
  context: Erasing,
  runtime: Runtime,
  options: Options,
  slug: string,
): Promise<Erasure> => {
  const { requestErasure } = await import('../../../control-plane/erasure/request-erasure.js');
  const { brokenOffReason } = await import('../../../control-plane/erasure/begun-erasure.js');
  const { waitDays } = options;
  const reason = (await brokenOffReason(runtime, slug)) ?? reasonOf(options);
  const when =
    waitDays === 0 ? 'now, for ever' : `in ${waitDays} days, and refuses everybody of it from now on`;
  await sayWhatIsThere(context, runtime, slug);
  await confirmByName(
    context,
    slug,
    `This erases ${slug} ${when}: rows, key, backups, login, stack and manifest.`,
    yesOption(context, slug, options.confirm),
  );
  const erasure = await requestErasure(runtime, slug, { reason, waitDays });
  if (waitDays > 0)
    context.result(
      shown(erasure),
      () => `${slug} is to be erased on ${erasure.dueAt.toISOString()}; nobody of it gets in from now on
then:            ringfence tenants erase ${slug}   (a running worker does it by itself)
to take it back: ringfence tenants erase ${slug} --cancel --reason ...
`,
    );
  return erasure;
};

/** The tenant's rows; a begun erasure may have removed its record already. */
const sayWhatIsThere = async (context: Context, runtime: Runtime, slug: string): Promise<void> => {
  const { rowsInCell } = await import('../../../control-plane/removal/rows-in-cell.js');
  const found = await rowsInCell(runtime, slug);
  if (found) sayRows(context, found);
};

const cancel = async (context: Erasing, runtime: Runtime, options: Options, slug: string): Promise<void> => {
  const { cancelErasure } = await import('../../../control-plane/erasure/cancel-erasure.js');
  const { stateOf } = await import('../../../control-plane/tenants/state-of.js');
  const reason = reasonOf(options);
  await confirm(context, `Take the erasure of ${slug} back?`);
  const erasure = await cancelErasure(runtime, slug, { reason });
  const state = await stateOf(runtime, slug);
  context.result(shown(erasure), () => `the erasure of ${slug} is cancelled; the tenant is ${state}\n`);
};

const carryOut = async (
  context: Erasing,
  runtime: Runtime,
  options: Options,
  slug: string,
  { confirmed = false } = {},
): Promise<void> => {
  const { erasureFolder } = await import('../../../control-plane/control-backup/signing-key.js');
  const { writeCertificate } = await import('../../../control-plane/erasure/certify.js');
  const { eraseTenant } = await import('../../../control-plane/erasure/erase-tenant.js');
  const { isErased } = await import('../../../control-plane/tenants/state-of.js');
  if (!confirmed && !(await isErased(runtime.control, slug))) {
    await sayWhatIsThere(context, runtime, slug);
    await confirmByName(
      context,
      slug,
      `This erases ${slug} now, for ever.`,
      yesOption(context, slug, options.confirm),
    );
  }
  const report = progress(context, slug);
  const erasure = await eraseTenant(runtime, slug, { onStep: report.step });
  report.done();
  const { certificate } = erasure;
  if (!certificate) throw new RingfenceError('internal', `erasure ${erasure.id} has no certificate`);
  const folder = options.out ? resolve(context.terminal.cwd, options.out) : erasureFolder(runtime.project);
  const files = writeCertificate(certificate, folder);
  context.result({ ...shown(erasure), files }, () => describeErased(slug, certificate, files));
};

const shown = ({ id, tenantId, state, reason, requestedAt, dueAt, useStoppedAt, certificate }: Erasure) => ({
  id,
  tenantId,
  state,
  reason,
  requestedAt,
  dueAt,
  useStoppedAt,
  certificate,
});
