import { userInfo } from 'node:os';
import type { HoldKind } from '../../control-plane/holds/store.js';
import { holdTenant, listTenantHolds, releaseHold } from '../../control-plane/holds/tenant-holds.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence holds add <tenant> --reason <text> [--until <time>] [--kind <kind>]` */
export const holdsAdd = async (
  context: Context,
  options: { reason: string; until?: Date; kind: HoldKind },
  slug: string,
): Promise<void> => {
  const { reason, until = null, kind } = options;
  const hold = await withRuntime(context, (runtime) =>
    holdTenant(runtime, slug, { reason, until, kind, by: userInfo().username }),
  );
  const end = until ? `until ${until.toISOString()}` : 'until it is released';
  context.result(hold, () => `${hold.id}: ${slug} is not erased ${end}\n`);
};

/** `ringfence holds list <tenant>` */
export const holdsList = async (context: Context, _options: unknown, slug: string): Promise<void> => {
  const holds = await withRuntime(context, (runtime) => listTenantHolds(runtime, slug));
  context.result(holds, () =>
    table(
      ['hold', 'kind', 'state', 'placed', 'by', 'until', 'reason'],
      holds.map((hold) => [
        hold.id,
        hold.kind,
        hold.active ? 'active' : hold.releasedAt ? `released by ${hold.releasedBy}` : 'over',
        hold.placedAt.toISOString(),
        hold.placedBy,
        (hold.releasedAt ?? hold.until)?.toISOString() ?? '-',
        hold.reason,
      ]),
    ),
  );
};

/** `ringfence holds release <tenant> <hold> --reason <text>` */
export const holdsRelease = async (
  context: Context,
  { reason }: { reason: string },
  slug: string,
  holdId: string,
): Promise<void> => {
  const hold = await withRuntime(context, (runtime) =>
    releaseHold(runtime, slug, holdId, { reason, by: userInfo().username }),
  );
  context.result(hold, () => `${hold.id} is released\n`);
};
