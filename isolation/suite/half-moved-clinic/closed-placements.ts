import { withConnection } from '../../../data-plane/database/connect.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import { setTenantState } from '../../../data-plane/enrolment/tenant-state.js';
import { canaryId } from '../canary-ids.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';
import { killAtEveryStatement } from './kill.js';
import { atHome, type Placed, place } from './placed.js';

const AWAY = { isHome: false } as const;

const mayEnter = (stage: Stage, { clinic }: Placed): Promise<boolean> =>
  asClinic(stage, clinic, async () => true).catch(() => false);

/** Tenants that lie in a cell and are at home in another one. */
export const CLOSED_PLACEMENTS: readonly SuiteCase[] = [
  {
    id: 'half-moved-clinic/away/enter',
    isolation: [32, 33],
    tried: 'Entering, with a valid token, a tenant whose home is another cell',
    expected: 'refused while it is away, let in once it is at home',
    run: async (stage) => {
      const placed = await atHome(stage);
      if (!(await mayEnter(stage, placed))) return unproven('nobody got in while it was at home');
      await place(stage, placed.tenant, AWAY);
      if (await mayEnter(stage, placed)) return leaked('it was entered while its home is another cell');
      await place(stage, placed.tenant);
      return (await mayEnter(stage, placed))
        ? held('refused while away')
        : unproven('it was not opened again');
    },
  },
  {
    id: 'half-moved-clinic/away/killed',
    isolation: [32, 33],
    tried: 'Killing the closing of a tenant whose home is another cell before each of its statements',
    expected: 'the next run closes it',
    run: async (stage) => {
      const placed = await atHome(stage);
      const kills = await killAtEveryStatement(
        stage,
        (client) => enrol(client, placed.tenant, AWAY),
        async () => undefined,
      );
      return (await mayEnter(stage, placed))
        ? leaked('it is open after the last run')
        : held(`killed ${kills} times, then closed`);
    },
  },
  {
    id: 'half-moved-clinic/away/suspended',
    isolation: [32, 33],
    tried: 'Bringing a suspended tenant away and home again',
    expected: 'it is suspended still',
    run: async (stage) => {
      const placed = await atHome(stage);
      const caller = { who: 'canary', door: 'cli', correlationId: canaryId() } as const;
      await withConnection(stage.target.admin, (client) =>
        setTenantState(client, placed.tenant.tenantId, { state: 'suspended', reason: 'canary', caller }),
      );
      await place(stage, placed.tenant, AWAY);
      await place(stage, placed.tenant);
      return (await mayEnter(stage, placed)) ? leaked('the suspension was lost') : held('suspended still');
    },
  },
];
