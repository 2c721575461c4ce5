import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { archiveUntilNow } from '../../../data-plane/backup/cell/archived-wal.js';
import { listBaseBackups, takeBaseBackup } from '../../../data-plane/backup/cell/base-backup.js';
import { recoverCopy } from '../../../data-plane/backup/cell/recover-copy.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { purgeCopy } from '../../../data-plane/database/server/copy.js';
import type { ManagedPostgres } from './managed-postgres.js';

/**
 * Amazon RDS with a real Postgres behind one instance. Requests go on to moto, which knows their form and the instances; in
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

export const startRdsStandIn = async (
  moto: string,
  instance: string,
  postgres: ManagedPostgres,
  /** Called when somebody has made the instance. */
  made: () => Promise<void> = async () => undefined,
): Promise<RdsStandIn> => {
  const { record } = postgres;
  const actions: string[] = [];
  let copy: { id: string; port: number | undefined; failed?: unknown } | undefined;
  let wrong: Wrong = {};
  /** One restore ends before its copy is deleted. */
  let restoring: Promise<void> = Promise.resolve();
  const purge = async (): Promise<void> => {
    await restoring;
    purgeCopy(record);
    copy = undefined;
  };
  const from = await postgres.asProvider(async (provider) => {
    await takeBaseBackup(provider, record.dataDir, '00000000-0000-4000-8000-000000000001');
    return new Date(Math.ceil(Date.now() / 1000) * 1000);
  });
  const [base] = listBaseBackups(record.dataDir);
  if (!base) throw new Error('there is no base backup');

  const restore = async (id: string, at: Date): Promise<void> => {
    copy = { id, port: undefined };
    await postgres.asProvider((provider) =>
      withConnection(provider, (client) => archiveUntilNow(client, record.dataDir)),
    );
    const { port } = await recoverCopy(record, base, {
      at: new Date(at.getTime() + (wrong.laterMs ?? 0)),
      timeline: 1,
    });
    copy = { id, port };
  };

  const setPassword = (password: string): Promise<void> =>
    postgres.asProvider((provider) =>
      withConnection({ ...provider, port: copy?.port ?? 0 }, async (client) => {
        await client.query(`ALTER ROLE ${postgres.master.user} PASSWORD ${client.escapeLiteral(password)}`);
      }),
    );

  const dress = (xml: string): string =>
    xml.replaceAll(/<DBInstance>.*?<\/DBInstance>/gs, (block) => {
      const id = /<DBInstanceIdentifier>([^<]+)</.exec(block)?.[1] ?? '';
      const isCopy = id !== instance;
      const port = isCopy ? copy?.port : postgres.master.port;
      const whole = isCopy ? (port === undefined ? 'creating' : 'available') : 'available';
      const status = (isCopy ? wrong.copyStatus : wrong.status) ?? whole;
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
      return send(response, 200, automatedBackups(form.get('DbiResourceId') ?? '', from));

    const passed = await fetch(`${moto}${request.url ?? '/'}`, {
      method: request.method ?? 'POST',
      headers: forwarded(request),
      body,
    });
    const text = await passed.text();
    if (passed.ok && action === 'RestoreDBInstanceToPointInTime') {
      restoring = restore(
        form.get('TargetDBInstanceIdentifier') ?? '',
        new Date(form.get('RestoreTime') ?? ''),
      ).catch((error: unknown) => console.error('the stand-in for RDS could not recover a copy', error));
    }
    if (passed.ok && action === 'DeleteDBInstance') {
      await purge();
    }
    if (passed.ok && action === 'CreateDBInstance' && form.get('DBInstanceIdentifier') === instance)
      await made();
    const password = form.get('MasterUserPassword');
    if (passed.ok && action === 'ModifyDBInstance' && password !== null) await setPassword(password);
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
    copy: () => copy?.id,
    async stop() {
      await purge();
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

const automatedBackups = (resourceId: string, from: Date): string =>
  `<DescribeDBInstanceAutomatedBackupsResponse><DescribeDBInstanceAutomatedBackupsResult><DBInstanceAutomatedBackups>` +
  `<DBInstanceAutomatedBackup><DbiResourceId>${resourceId}</DbiResourceId>` +
  `<DBInstanceAutomatedBackupsArn>arn:aws:rds:eu-central-1:123456789012:auto-backup:ab-1</DBInstanceAutomatedBackupsArn><RestoreWindow><EarliestTime>${from.toISOString()}</EarliestTime>` +
  `</RestoreWindow></DBInstanceAutomatedBackup></DBInstanceAutomatedBackups></DescribeDBInstanceAutomatedBackupsResult></DescribeDBInstanceAutomatedBackupsResponse>`;
