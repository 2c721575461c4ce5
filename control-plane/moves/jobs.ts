import { RingfenceError } from '../../core/errors.js';
import { compareChanges } from '../../data-plane/moves/compare-changes.js';
import { readSlots, type SlotState } from '../../data-plane/moves/slot.js';
import { defineJob, type Job } from '../jobs/job.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { listOperations } from '../operation/history.js';
import { findTenantById } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { freeFence } from './free-fence.js';
import { openSource } from './give-up.js';
import { isShut } from './is-shut.js';
import { moveTenant } from './move-tenant.js';
import { runOf, withEnds } from './moving.js';
import { rollbackMove } from './rollback-move.js';
import { changeMove, listOpenMoves, type Move } from './store.js';
import { withdrawPlacement } from './withdraw-placement.js';

const COMPARE_WAIT_MS = 30_000;

/** Looks each minute after moves that were killed, and after the windows of those that are done. */
const sweep = defineJob({
  task: 'move-sweep',
  schedules: [{ cron: '* * * * *', tries: 1 }],
  run: async ({ runtime }, { add }) => {
    for (const { id } of await listOpenMoves(runtime.control))
      await add('move', { id }, { key: `move/${id}`, tries: 1 });
  },
});

const move = defineJob<{ id: string }>({
  task: 'move',
  schedules: [],
  run: (context, { payload, isLastTry }) => lookAfter(context, payload.id, isLastTry),
});

export const MOVE_JOBS: readonly Job[] = [sweep, move];

const lookAfter = async (context: TaskContext, id: string, lastTry: boolean): Promise<void> => {
  const { control } = context.runtime;
  const open = (await listOpenMoves(control)).find((one) => one.id === id);
  const tenant = open && (await findTenantById(control, open.tenantId));
  if (!open || !tenant) return;
  const { slug } = tenant;
  const failing = {
    what: `move of ${slug}`,
    alert: (code: string) => ({
      kind: 'move' as const,
      text: `Ringfence could not look after the move of ${slug}: ${code}.`,
      detail: { tenant: slug, code, state: open.state },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, () =>
    open.state === 'window' || open.state === 'purging'
      ? lookAfterWindow(context, open, slug)
      : goOn(context, open, slug),
  );
};

/** Goes on with a move whose run was killed. One that failed waits for a person, unless it has left the tenant behind a fence. */
const goOn = async ({ runtime, say }: TaskContext, open: Move, slug: string): Promise<void> => {
  const [last] = await listOperations(runtime.control, { slug, limit: 1 });
  // Its run may live and be stopped: whoever waits for the tenant's lock would wait for ever.
  if (await freeFence(runtime, open))
    say(`${slug} was held behind a fence that nobody went on with: it is open`);
  if (open.state === 'aborting') return openShut(runtime, open, slug);
  // A tenant behind a fence that nobody works on takes no writes: that waits for no person.
  if (last?.state !== 'running' && open.state !== 'fenced' && open.state !== 'flipped') return;
  const request = { slug, windowHours: open.windowHours, drainMs: 1_000 };
  try {
    await (open.isRollback ? rollbackMove(runtime, request) : moveTenant(runtime, request));
    say(`the move of ${slug}, whose run was killed, is done`);
  } catch (error) {
    // Its run lives.
    if (!(error instanceof RingfenceError) || error.code !== 'tenant_busy') throw error;
  }
};

/** Opens the source of a move whose abort was killed; the rest of the abort waits for a person. */
const openShut = async (runtime: TaskContext['runtime'], open: Move, slug: string): Promise<void> => {
  if (!(await isShut(runtime, { cell: open.source, tenantId: open.tenantId }))) return;
  await withTenant(runtime, slug, () => openSource(runtime, { slug, move: open })).catch((error: unknown) => {
    // Its run lives.
    if (!(error instanceof RingfenceError) || error.code !== 'tenant_busy') throw error;
  });
};

/** Ends a window that is over; compares what has changed meanwhile; tells when half of it is over. */
const lookAfterWindow = async (context: TaskContext, open: Move, slug: string): Promise<void> => {
  const { runtime, say } = context;
  const endsAt = open.windowEndsAt;
  if (open.state === 'purging' || (endsAt !== null && endsAt <= runtime.now())) {
    await withdrawPlacement(runtime, { slug, cell: open.source });
    say(`the window of ${slug} is over: its rows in cell ${open.source} are deleted`);
    return;
  }
  // At the home, which is the destination by now, and in the direction back.
  const back = { ...open, source: open.destination, destination: open.source };
  const found = await withEnds(runtime, back, async ({ source, destination }) => {
    const waitMs = COMPARE_WAIT_MS;
    const compared = await compareChanges(source, destination, runOf(open), { seen: open.seen, waitMs });
    if (compared) await changeMove(runtime.control, open, 'window', { seen: compared.seen });
    const [slot] = await readSlots(source, open.returnStream ?? '');
    return { slot, isBehind: compared === undefined };
  });
  await warnOnce(context, open, slug, found);
};

const warnOnce = async (
  { runtime, alert }: TaskContext,
  open: Move,
  slug: string,
  { slot, isBehind }: { readonly slot: SlotState | undefined; readonly isBehind: boolean },
): Promise<void> => {
  const { windowEndsAt, windowHours, warnedAt } = open;
  if (warnedAt !== null || windowEndsAt === null) return;
  const now = runtime.now();
  const isHalfOver = windowEndsAt.getTime() - now.getTime() < windowHours * 1_800_000;
  const isSlotLost = slot === undefined || slot.walStatus === 'lost';
  const isSlotHalfFull = !isSlotLost && slot.safeBytes !== null && slot.safeBytes < (slot.keptBytes ?? 0);
  if (!isHalfOver && !isSlotLost && !isSlotHalfFull && !isBehind) return;
  const why = isSlotLost
    ? 'the stream back was lost: a rollback would copy every row'
    : isBehind
      ? 'the old home does not follow: look whether its server reaches the new one'
      : isSlotHalfFull
        ? 'half of the WAL that the stream back may keep is used up'
        : `half of the window is over: it ends at ${windowEndsAt.toISOString()}`;
  await alert({
    kind: 'move',
    text: `Ringfence: ${slug} has moved from cell ${open.source}, and ${why}.`,
    detail: { tenant: slug, cell: open.source, windowEndsAt: windowEndsAt.toISOString(), slot: slot ?? null },
  });
  await changeMove(runtime.control, open, 'window', { warnedAt: now });
};
