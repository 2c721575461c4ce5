import type { Runtime } from '../runtime.js';
import { findNewerHome } from '../tenants/newer-home.js';
import { findTenantById } from '../tenants/store.js';
import { changeMove, findMove, flipHome, listOpenMoves, type Move, turnMove } from './store.js';

/**
 * Records switches that the control database has lost, because it came back from before them: the cell that is open by the latest
 * epoch is the home. The streams of before are not trusted; the next way back copies.
 * @returns slugs of the tenants whose home is another one by now.
 */
export const adoptNewerHomes = async (runtime: Runtime): Promise<readonly string[]> => {
  const adopted: string[] = [];
  for (const move of await listOpenMoves(runtime.control)) {
    if (move.state !== 'window' && move.state !== 'purging') continue;
    const tenant = await findTenantById(runtime.control, move.tenantId);
    // A cell that is down is asked by what opens or deletes something there.
    const newer = tenant && (await findNewerHome(runtime, tenant).catch(() => undefined));
    if (!tenant || newer?.cell !== move.source) continue;
    await recordSwitch(runtime, move, newer.epoch);
    adopted.push(tenant.slug);
  }
  return adopted;
};

const recordSwitch = async ({ control, now }: Runtime, move: Move, epoch: number): Promise<void> => {
  await turnMove(control, move);
  const turned = (await findMove(control, move.id)) ?? move;
  await changeMove(control, turned, 'following', { state: 'fenced', stream: null, returnStream: null });
  await flipHome(control, turned, epoch);
  await changeMove(control, turned, 'flipped', { state: 'open' });
  const windowEndsAt = new Date(now().getTime() + move.windowHours * 3_600_000);
  await changeMove(control, turned, 'open', { state: 'window', windowEndsAt });
};
