import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_PARTS } from '../../core/whereabouts.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { prepareCell } from '../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../data-plane/database/roles.js';
import type { CellTarget } from '../../targets/define-target.js';
import type { CellHost, HostedCell, TargetContext } from '../../targets/target.js';
import { TEST_CONTEXT_KEY } from '../support/cell-database.js';

/** A real server that a cell can be made on, and what may happen to it. */
export interface HostScene {
  readonly context: TargetContext;
  /** Its server runs, and has no cell in it yet. */
  readonly cell: HostedCell;
  /** A cell whose server there is not. */
  readonly missing: HostedCell;
  /** Changes how the server is reached, as whoever holds it may: its port, or its password. */
  change(): Promise<void>;
  /** Keeps whoever holds the server from answering; undefined where nobody is asked. */
  readonly silence?: () => void;
  /** Ends the silence. */
  readonly speak?: () => void;
  stop(): Promise<void>;
}

const DATABASE = 'ringfence';
/** What commands print of any cell. */
const CELL_FIELDS = [
  'name',
  'id',
  'tier',
  'region',
  'target',
  'rootKeyId',
  'port',
  'historyDays',
  'size',
  'restartMs',
  'restartedAt',
  'replicas',
  'state',
  'host',
  'on',
  'tenants',
  'database',
  'settings',
  'replica',
  'history',
  'kept',
  'problems',
];

/** The obligations of a CellHost. `open` gives a scene of its own. */
export const cellHostConformance = (target: CellTarget, open: () => Promise<HostScene>): void => {
  describe(`a cell of target ${target.name} keeps the obligations of a CellHost`, () => {
    let scene: HostScene;
    /** As another process sees it. */
    const hostOf = (cell: HostedCell = scene.cell): CellHost => target.open(scene.context).host(cell);

    beforeAll(async () => {
      scene = await open();
      const admin = await hostOf().adminConnection();
      await withConnection({ ...admin, database: 'postgres' }, async (client) => {
        await createRoles(client);
        await client.query(`CREATE DATABASE ${DATABASE}`);
      });
      await withConnection(admin, async (client) => {
        await prepareCell(client, {
          appPassword: 'app',
          keeperPassword: 'keeper',
          contextKey: TEST_CONTEXT_KEY,
        });
        await client.query('CREATE TABLE public.moments (n int)');
      });
    });
    afterAll(() => scene?.stop());

    const write = async (n: number): Promise<void> => {
      await withConnection(await hostOf().adminConnection(), (client) =>
        client.query('INSERT INTO public.moments VALUES ($1)', [n]),
      );
    };
    const moments = (admin: Connection): Promise<number[]> =>
      withConnection(admin, async (client) => {
        const { rows } = await client.query<{ n: number }>('SELECT n FROM public.moments ORDER BY n');
        return rows.map(({ n }) => n);
      });

    it('gives the administrator of the cell’s database, with a superuser only where the target says so', async () => {
      const { rows } = await withConnection(await hostOf().adminConnection(), (client) =>
        client.query(
          `SELECT current_database() AS database, rolsuper AS superuser, rolcreaterole OR rolsuper AS roles,
                  rolcreatedb OR rolsuper AS databases, current_setting('search_path') AS path
             FROM pg_roles WHERE rolname = current_user`,
        ),
      );
      expect(rows).toEqual([
        {
          database: DATABASE,
          superuser: target.hasSuperuser,
          roles: true,
          databases: true,
          path: '"$user",public',
        },
      ]);
    });

    it('declares the server that it connects to, and logs in there as the engine will', async () => {
      const host = hostOf();
      const admin = await host.adminConnection();
      const declared = await host.declared();
      expect(declared).toEqual(
        target.isHere
          ? { kind: 'local', port: undefined }
          : { kind: 'existing', host: admin.host, port: admin.port },
      );
      const { user, password, caFile } = await host.login();
      expect({ user, password }).toEqual({ user: admin.user, password: admin.password });
      expect(caFile).toBe(host.network.caFile);
      expect(caFile === undefined ? target.isHere : existsSync(caFile)).toBe(true);
      expect(admin.ssl === undefined).toBe(target.isHere);
    });

    it('is made ready as often as somebody asks, and stays as it is', async () => {
      const before = await hostOf().adminConnection();
      const prepared = [await hostOf().prepare(), await hostOf().prepare()];
      expect(prepared[0]).toEqual(prepared[1]);
      expect(prepared[0]?.keptDays === undefined).toBe(target.isHere);
      expect(await hostOf().adminConnection()).toEqual(before);
      expect(await hostOf().state()).toBe('running');
    });

    it('shows the database as it was at a second, in a copy that takes nothing back', async () => {
      const history = hostOf().history();
      await history.upkeep(7);
      await write(1);
      const at = new Date(Math.ceil((Date.now() + 10) / 1000) * 1000);
      await pause(at.getTime() - Date.now() + 20);
      await write(2);
      const window = await history.window();
      expect(window?.from.getTime()).toBeLessThan(at.getTime());
      expect(await history.keptDays(7)).toBeGreaterThanOrEqual(7);
      const live = await hostOf().adminConnection();
      const seen = await history.inCopyAt(at, async (copy) => {
        expect({ ssl: copy.ssl, isElsewhere: copy.port !== live.port }).toEqual({
          ssl: live.ssl,
          isElsewhere: true,
        });
        await withConnection(copy, (client) => client.query('INSERT INTO public.moments VALUES (3)'));
        return moments(copy);
      });
      expect(seen).toEqual([1, 3]);
      expect(await moments(live)).toEqual([1, 2]);
    });

    it('says where its parts are by the word of its holder: on this machine, or in a region', async () => {
      const answers = async (cell?: HostedCell) =>
        Object.fromEntries(
          await Promise.all(
            SERVER_PARTS.map(async (part) => [
              part,
              [...new Set((await hostOf(cell).whereabouts(part)).map(({ answer }) => answer))],
            ]),
          ),
        );
      const there = target.isHere ? ['here'] : ['region'];
      expect(await answers()).toEqual({ database: there, replicas: ['none'], history: there, logs: there });
      const nowhere = Object.fromEntries(SERVER_PARTS.map((part) => [part, ['unknown']]));
      expect(await answers(scene.missing)).toEqual(nowhere);
      expect(await hostOf(scene.missing).state()).toBe('absent');
      if (!scene.silence) return;
      scene.silence();
      expect(await answers()).toEqual(nowhere);
      scene.speak?.();
    });

    it('stops only where it is ours, and is awake again when it must be', async () => {
      const host = hostOf();
      if (target.isHere) {
        await host.stop();
        expect(await host.state()).toBe('stopped');
      } else {
        await expect(host.stop()).rejects.toMatchObject({ code: 'usage', fix: expect.any(String) });
      }
      await host.wake();
      expect(await host.state()).toBe('running');
      if (target.isHere) await host.stop();
      expect(await moments(await hostOf().adminConnection())).toEqual([1, 2]);
    });

    it('is followed when its port or its password changes', async () => {
      const before = await hostOf().adminConnection();
      await scene.change();
      const after = await hostOf().adminConnection();
      expect([after.port, after.password]).not.toEqual([before.port, before.password]);
      expect(await moments(after)).toEqual([1, 2]);
    });

    it('is no loss while nobody answers', async () => {
      if (!scene.silence) return;
      scene.silence();
      expect(await hostOf().state()).toBe('unreachable');
      await expect(hostOf().adminConnection()).rejects.toMatchObject({ fix: expect.any(String) });
      scene.speak?.();
      expect(await hostOf().state()).toBe('running');
    });

    it('is not made by being looked at', async () => {
      const host = hostOf(scene.missing);
      expect(await host.state()).toBe('absent');
      await expect(host.adminConnection()).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:database_unavailable|cell_not_found)$/),
        fix: expect.any(String),
      });
      expect(await host.state()).toBe('absent');
    });

    it('has a root of keys of its own', async () => {
      const keyRoot = () => target.open(scene.context).keyRoot(scene.cell);
      const id = await keyRoot().ensureRoot(scene.cell.name, { mayCreate: true });
      expect(await keyRoot().ensureRoot(scene.cell.name, { mayCreate: false })).toBe(id);
    });

    it('lives at an address of its target, and at no other', () => {
      expect(target.check(scene.cell.address)).toEqual(scene.cell.address);
      expect(target.addressFields.filter((field) => CELL_FIELDS.includes(field))).toEqual([]);
      const elsewhere = { ...scene.cell, address: { planet: 'moon' } };
      expect(() => hostOf(elsewhere)).toThrow(
        expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('moon') }),
      );
    });
  });
};
