import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { archiveUntilNow } from '../../../data-plane/backup/cell/archived-wal.js';
import {
  type BaseBackup,
  listBaseBackups,
  takeBaseBackup,
} from '../../../data-plane/backup/cell/base-backup.js';
import { recoverCopy } from '../../../data-plane/backup/cell/recover-copy.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { purgeCopy } from '../../../data-plane/database/server/copy.js';
import type { ManagedPostgres } from './managed-postgres.js';

/**
 * Amazon RDS with a real Postgres behind each of some instances. Requests go on to moto, which knows their form and the instances; in
 * its answers each instance gets the address of a real server. A restore starts a second server, recovered to the very time
 * that was asked for, and a deletion ends it.
 */
export interface RdsStandIn {
  readonly endpoint: string;
  /** Actions of RDS that were asked for, in order. */
  readonly actions: string[];
  /** What it does otherwise than as it should; a test sets it, `reset` clears it. */
  wrong: Wrong;
  reset(): void;
  /** The copy that runs, by its identifier. */
  copy(): string | undefined;
  stop(): Promise<void>;
}

interface Wrong {
  /** Ends connections instead of answering. */
  readonly isDown?: boolean;
  /** Refuses this action as IAM would. */
  readonly refused?: string;
  /** How often a deletion is refused because the instance is not ready for it. */
  busyDeletions?: number;
  /** What the status of a copy stays at. */
  readonly copyStatus?: string;
  /** What the status of the original is. */
  readonly status?: string;
  /** How far behind the latest restorable time is. */
  readonly lagMs?: number;
  /** Recovers to so much later than it was asked to. */
  readonly laterMs?: number;
}

/** An instance, and the Postgres behind it. */
interface Served {
  readonly instance: string;
  readonly region: string;
  readonly postgres: ManagedPostgres;
  /** Called when somebody has made the instance. */
  readonly made: () => Promise<void>;
}

/** A restore of an instance: one at a time. */
interface Restored extends Served {
  /** Since when it has backups. */
  readonly from: Date;
  readonly base: BaseBackup;
  copy: { id: string; port: number | undefined } | undefined;
  /** One restore ends before its copy is deleted. */
  restoring: Promise<void>;
}

const withBackups = async (served: Served): Promise<Restored> => {
  const { record, asProvider } = served.postgres;
  const from = await asProvider(async (provider) => {
    await takeBaseBackup(provider, record.dataDir, '00000000-0000-4000-8000-000000000001');
    return new Date(Math.ceil(Date.now() / 1000) * 1000);
  });
  const [base] = listBaseBackups(record.dataDir);
  if (!base) throw new Error('there is no base backup');
  return { ...served, from, base, copy: undefined, restoring: Promise.resolve() };
};

export const startRdsStandIn = async (moto: string, all: readonly Served[]): Promise<RdsStandIn> => {
  const actions: string[] = [];
  let wrong: Wrong = {};
  const servers: Restored[] = [];
  for (const served of all) servers.push(await withBackups(served));

  const purge = async (server: Restored): Promise<void> => {
    await server.restoring;
    purgeCopy(server.postgres.record);
    server.copy = undefined;
  };

  const restore = async (server: Restored, id: string, at: Date): Promise<void> => {
    const { record, asProvider } = server.postgres;
    server.copy = { id, port: undefined };
    await asProvider((provider) =>
      withConnection(provider, (client) => archiveUntilNow(client, record.dataDir)),
    );
    const { port } = await recoverCopy(record, server.base, {
      at: new Date(at.getTime() + (wrong.laterMs ?? 0)),
      timeline: 1,
    });
    server.copy = { id, port };
  };

  const setPassword = async (id: string, password: string): Promise<void> => {
    const server = servers.find(({ copy }) => copy?.id === id);
    await server?.postgres.asProvider((provider) =>
      withConnection({ ...provider, port: server.copy?.port ?? 0 }, async (client) => {
        const { user } = server.postgres.master;
        await client.query(`ALTER ROLE ${user} PASSWORD ${client.escapeLiteral(password)}`);
      }),
    );
  };

  const dress = (xml: string): string =>
    xml.replaceAll(/<DBInstance>.*?<\/DBInstance>/gs, (block) => {
      const id = /<DBInstanceIdentifier>([^<]+)</.exec(block)?.[1] ?? '';
      const original = servers.find(({ instance }) => instance === id);
      const port = original?.postgres.master.port ?? servers.find(({ copy }) => copy?.id === id)?.copy?.port;
      const whole = port === undefined ? 'creating' : 'available';
      const status = (original ? wrong.status : wrong.copyStatus) ?? whole;
      const latest = new Date(Date.now() - (wrong.lagMs ?? 0)).toISOString();
      const dressed = block
        .replace(/<DBInstanceStatus>[^<]*/, `<DBInstanceStatus>${status}`)
        .replace(/<LatestRestorableTime>[^<]*/, `<LatestRestorableTime>${latest}`);
      return port === undefined
        ? dressed.replace(/<Endpoint>.*?<\/Endpoint>/s, '')
        : dressed.replace(
            /<Endpoint>.*?<\/Endpoint>/s,
            `<Endpoint><Address>127.0.0.1</Address><Port>${port}</Port></Endpoint>`,
          );
    });

  /** The server of the region for which a request is signed. */
  const asked = ({ headers }: IncomingMessage): Restored | undefined =>
    servers.find(({ region }) => headers.authorization?.includes(`/${region}/`));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(request.headers['x-amz-target'] ? '' : body.toString());
    const action = form.get('Action');
    if (action !== null) actions.push(action);
    if (wrong.isDown) return void request.socket.destroy();
    if (action !== null && wrong.refused === action)
      return fault(response, 403, 'AccessDenied', 'not authorized');
    if (action === 'DeleteDBInstance' && (wrong.busyDeletions ?? 0) > 0) {
      wrong = { ...wrong, busyDeletions: (wrong.busyDeletions ?? 0) - 1 };
      return fault(response, 400, 'InvalidDBInstanceState', 'is not in a state to be deleted');
    }
    if (action === 'DescribeDBInstanceAutomatedBackups')
      return send(response, 200, automatedBackups(form.get('DbiResourceId') ?? '', asked(request)));

    const passed = await fetch(`${moto}${request.url ?? '/'}`, {
      method: request.method ?? 'POST',
      headers: forwarded(request),
      body,
    });
    const text = await passed.text();
    if (passed.ok && action === 'RestoreDBInstanceToPointInTime') {
      const server = servers.find(({ instance }) => instance === form.get('SourceDBInstanceIdentifier'));
      const id = form.get('TargetDBInstanceIdentifier') ?? '';
      // Moto gives a copy what is false in the request as it is in the original.
      if (form.get('DeletionProtection') === 'false')
        await fetch(`${moto}/`, {
          method: 'POST',
          headers: forwarded(request),
          body: `Action=ModifyDBInstance&DBInstanceIdentifier=${id}&DeletionProtection=false&Version=2014-10-31`,
        });
      if (server)
        server.restoring = restore(server, id, new Date(form.get('RestoreTime') ?? '')).catch(
          (error: unknown) => console.error('the stand-in for RDS could not recover a copy', error),
        );
    }
    const named = form.get('DBInstanceIdentifier') ?? '';
    if (passed.ok && action === 'DeleteDBInstance')
      for (const server of servers.filter(({ copy }) => copy?.id === named)) await purge(server);
    if (passed.ok && action === 'CreateDBInstance')
      await servers.find(({ instance }) => instance === named)?.made();
    const password = form.get('MasterUserPassword');
    if (passed.ok && action === 'ModifyDBInstance' && password !== null) await setPassword(named, password);
    const type = passed.headers.get('content-type') ?? 'text/xml';
    send(response, passed.status, action === null ? text : dress(text), type);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => send(response, 500, String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    actions,
    get wrong() {
      return wrong;
    },
    set wrong(next) {
      wrong = next;
    },
    reset() {
      wrong = {};
      actions.length = 0;
    },
    copy: () => servers.find(({ copy }) => copy !== undefined)?.copy?.id,
    async stop() {
      for (const server of servers) await purge(server);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const forwarded = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      ['host', 'connection', 'content-length', 'expect', 'transfer-encoding'].includes(name) ||
      typeof value !== 'string'
        ? []
        : [[name, value]],
    ),
  );

const send = (response: ServerResponse, status: number, text: string, type = 'text/xml'): void => {
  response.writeHead(status, { 'content-type': type }).end(text);
};

const fault = (response: ServerResponse, status: number, code: string, message: string): void =>
  send(
    response,
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  );

const automatedBackups = (resourceId: string, server: Restored | undefined): string =>
  `<DescribeDBInstanceAutomatedBackupsResponse><DescribeDBInstanceAutomatedBackupsResult><DBInstanceAutomatedBackups>` +
  `<DBInstanceAutomatedBackup><DbiResourceId>${resourceId}</DbiResourceId>` +
  `<DBInstanceAutomatedBackupsArn>arn:aws:rds:${server?.region}:123456789012:auto-backup:ab-1</DBInstanceAutomatedBackupsArn><RestoreWindow><EarliestTime>${server?.from.toISOString()}</EarliestTime>` +
  `</RestoreWindow></DBInstanceAutomatedBackup></DBInstanceAutomatedBackups></DescribeDBInstanceAutomatedBackupsResult></DescribeDBInstanceAutomatedBackupsResponse>`;
