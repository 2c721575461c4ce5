import { Client } from '../../../data-plane/database/client.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import type { Stage } from '../stage.js';

const ATTRIBUTES = ['rolsuper', 'rolbypassrls', 'rolcreaterole', 'rolcreatedb', 'rolreplication'] as const;

/** The login and every role that it may become or inherits from. */
const CLOSURE = `WITH RECURSIVE reachable (oid) AS (
    SELECT oid FROM pg_roles WHERE rolname = $1
    UNION SELECT m.roleid FROM pg_auth_members m JOIN reachable r ON m.member = r.oid)
  SELECT rolname AS name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
    FROM pg_roles JOIN reachable USING (oid)`;

const closure = (stage: Stage) =>
  stage.once('role closure', async () => {
    const { user } = stage.target.app;
    return (
      await stage.admin.query<Record<(typeof ATTRIBUTES)[number], boolean> & { name: string }>(CLOSURE, [
        user,
      ])
    ).rows;
  });

/** Cases on the attributes of the application's login, and on the other databases of the server. */
export const LOGINS: readonly SuiteCase[] = [
  ...ATTRIBUTES.map((attribute) => ({
    id: `side-door/login/${attribute.replace('rol', '')}`,
    isolation: [1],
    tried: `Looking whether the application's login has, or can get, the attribute ${attribute.replace('rol', '').toUpperCase()}`,
    expected: 'neither it nor any role that it reaches has it',
    run: async (stage: Stage) => {
      const roles = (await closure(stage)).filter((role) => role[attribute]);
      return roles.length === 0
        ? held('none has it')
        : leaked(`${roles.map(({ name }) => name).join(', ')} has it`);
    },
  })),
  {
    id: 'side-door/login/member-of',
    isolation: [1, 13],
    tried: "Looking which other roles the application's login is a member of",
    expected: 'none',
    run: async (stage) => {
      const others = (await closure(stage)).filter(({ name }) => name !== stage.target.app.user);
      return others.length === 0
        ? held('none')
        : leaked(`member of ${others.map(({ name }) => name).join(', ')}`);
    },
  },
  {
    id: 'side-door/login/owns',
    isolation: [1],
    tried: "Looking what the application's login owns",
    expected: 'nothing',
    run: async (stage) => {
      const { rows } = await stage.admin.query<{ owned: number }>(
        `SELECT (SELECT count(*) FROM pg_class WHERE relowner = r.oid) + (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
              + (SELECT count(*) FROM pg_namespace WHERE nspowner = r.oid) + (SELECT count(*) FROM pg_database WHERE datdba = r.oid) AS owned
           FROM pg_roles r WHERE rolname = $1`,
        [stage.target.app.user],
      );
      const owned = Number(rows[0]?.owned);
      return owned === 0 ? held('nothing') : leaked(`${owned} objects`);
    },
  },
  {
    id: 'side-door/login/replication-connection',
    isolation: [15],
    tried: "Opening a replication connection with the application's login",
    expected: 'refused',
    run: async (stage) => {
      const options = { ...stage.target.app, replication: 'database', connectionTimeoutMillis: 5_000 };
      const client = new Client(options);
      client.on('error', () => undefined);
      try {
        await client.connect();
        return leaked('the connection was accepted');
      } catch (error) {
        const { code } = error as { code?: string };
        return code === '42501' || code === '28000'
          ? held(`refused (SQLSTATE ${code})`)
          : unproven(`ended with ${code ?? 'no SQLSTATE'}`);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  },
  ...(['lock_timeout', 'idle_in_transaction_session_timeout'] as const).map((setting) => ({
    id: `side-door/login/${setting.replaceAll('_', '-')}`,
    isolation: [19],
    tried: `Looking whether a session of the application is limited by ${setting}, so that it cannot block neighbours for ever`,
    expected: 'a limit is set for the login',
    run: async (stage: Stage) => {
      const { rows } = await stage.admin.query<{ set: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS kept
                         WHERE r.rolname = $1 AND kept ~ $2) AS set`,
        [stage.target.app.user, `^${setting}=[1-9]`],
      );
      return rows[0]?.set ? held('a limit is set') : unproven('the login has no limit of its own here');
    },
  })),
];
