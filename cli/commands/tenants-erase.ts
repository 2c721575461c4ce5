import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { erasureFolder } from '../../control-plane/control-backup/signing-key.js';
import { cancelErasure } from '../../control-plane/erasure/cancel-erasure.js';
import { writeCertificate } from '../../control-plane/erasure/certify.js';
import { eraseTenant } from '../../control-plane/erasure/erase-tenant.js';
import { requestErasure } from '../../control-plane/erasure/request-erasure.js';
import { lookAtTenant } from '../../control-plane/removal/take-out.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { type Erasure, findDoneErasure, findOpenErasure } from '../../control-plane/tenants/erasures.js';
import { refuseOpenErasure } from '../../control-plane/tenants/open-erasure.js';
import { findTenant } from '../../control-plane/tenants/store.js';
import { RingfenceError } from '../../core/errors.js';
import { findManifest } from '../manifests/find.js';
import { sayRows } from '../print/rows.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm, confirmByName, yesOption } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';
import { progress } from '../terminal/progress.js';

interface Options {
  readonly reason?: string;
  readonly waitDays: number;
  readonly confirm?: string;
  readonly cancel?: boolean;
  readonly out?: string;
}

/** `ringfence tenants erase <slug>`: asks for it, takes it back, or carries out what is due. */
export const tenantsErase = async (context: Context, options: Options, slug: string): Promise<void> => {
  // For a slug that is none.
  findManifest(context, slug);
  await withRuntime(context, async (runtime) => {
    if (options.cancel) return cancel(context, runtime, options, slug);
    const open = await findOpenErasure(runtime.control, slug);
    const isBegun = open?.state === 'running' || (open?.useStoppedAt && open.dueAt <= runtime.now());
    if (isBegun || (!open && (await isErased(runtime, slug))))
      return carryOut(context, runtime, options, slug);
    const erasure = await request(context, runtime, options, slug);
    if (erasure.dueAt <= runtime.now()) await carryOut(context, runtime, options, slug, { confirmed: true });
  });
};

const isErased = async ({ control }: Runtime, slug: string): Promise<boolean> =>
  !(await findTenant(control, slug)) && (await findDoneErasure(control, slug)) !== undefined;

const reasonOf = ({ reason }: Options): string => {
  if (reason !== undefined) return reason;
  throw new RingfenceError('usage', 'an erasure is asked for, and taken back, with --reason <text>', {
    fix: 'the reason is in the certificate and is kept: name nobody in it',
  });
};

const request = async (
  context: Context,
  runtime: Runtime,
  options: Options,
  slug: string,
): Promise<Erasure> => {
  const { waitDays } = options;
  const open = await findOpenErasure(runtime.control, slug);
  if (open?.useStoppedAt) await refuseOpenErasure(runtime.control, slug);
  const reason = open?.reason ?? reasonOf(options);
  const when =
    waitDays === 0 ? 'now, for ever' : `in ${waitDays} days, and refuses everybody of it from now on`;
  await sayWhatIsThere(context, runtime, slug);
  await confirmByName(
    context,
    slug,
    `This erases ${slug} ${when}: rows, key, backups, login, stack and manifest.`,
    yesOption(context, slug, options.confirm),
  );
  const by = userInfo().username;
  const erasure = await requestErasure(runtime, slug, { reason, by, waitDays });
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

/** The rows that it has; one that was begun may have lost its record already. */
const sayWhatIsThere = async (context: Context, runtime: Runtime, slug: string): Promise<void> => {
  const tenant = await findTenant(runtime.control, slug);
  if (tenant) sayRows(context, await lookAtTenant(runtime, tenant));
};

const cancel = async (context: Context, runtime: Runtime, options: Options, slug: string): Promise<void> => {
  const reason = reasonOf(options);
  await confirm(context, `Take the erasure of ${slug} back?`);
  const erasure = await cancelErasure(runtime, slug, { reason, by: userInfo().username });
  const tenant = await findTenant(runtime.control, slug);
  context.result(
    shown(erasure),
    () => `the erasure of ${slug} is cancelled; the tenant is ${tenant?.state}\n`,
  );
};

const carryOut = async (
  context: Context,
  runtime: Runtime,
  options: Options,
  slug: string,
  { confirmed = false } = {},
): Promise<void> => {
  if (!confirmed && !(await isErased(runtime, slug))) {
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
  const rows = Object.values(certificate.erased.rows).reduce((sum, count) => sum + count, 0);
  context.result(
    { ...shown(erasure), files },
    () =>
      `${table(
        ['', certificate.tenantId],
        [
          [
            'erased',
            `${rows} rows, ${certificate.erased.objects} backups, ${certificate.erased.keyVersions} keys`,
          ],
          ['use stopped', certificate.useStoppedAt],
          ['key destroyed', certificate.keyDestroyedAt],
          [
            'last copy of the key',
            `${certificate.keyCopiesGoneAt}, when the last backup of the control database goes`,
          ],
          ['looked for', `${certificate.checks.length} things, nothing found`],
          ['certificate', files.json],
          ['for people', files.html],
        ],
      )}If tenants/${slug}.yaml was committed, its history still has the legal name and the contact: docs/erasure.md\n`,
  );
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
