import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '../../aws/stand-in/cloud.js';
import { ACCOUNT_ID, TOKEN, ZONE, ZONE_ID } from './account.js';
import { HOSTNAME, NAMESPACE, RECORD, ROUTE, SCRIPT } from './things.js';

/** What Cloudflare's own API says of an account in a folder, on the loopback interface. */
export interface AccountApi {
  readonly url: string;
  close(): void;
}

type Answer = readonly [status: number, result: unknown];

const REFUSED: Answer = [403, undefined];

export const serveAccountApi = async (cloud: Cloud): Promise<AccountApi> => {
  const all = (type: string, show: (id: string, attributes: Record<string, unknown>) => object): object[] =>
    cloud
      .list()
      .filter((thing) => thing.type === type)
      .map(({ id, attributes }) => show(id, attributes));
  const account = `/accounts/${ACCOUNT_ID}`;
  const zone = `/zones/${ZONE_ID}`;
  const answers: Readonly<Record<string, () => unknown>> = {
    [zone]: () => ({ id: ZONE_ID, name: ZONE, account: { id: ACCOUNT_ID } }),
    [`${account}/workers/scripts`]: () =>
      all(SCRIPT, (id, { migrationTag }) => ({ id, migration_tag: migrationTag })),
    [`${account}/storage/kv/namespaces`]: () => all(NAMESPACE, (id, { title }) => ({ id, title })),
    [`${zone}/workers/routes`]: () => all(ROUTE, (id, { pattern, script }) => ({ id, pattern, script })),
    [`${zone}/custom_hostnames`]: () => all(HOSTNAME, (id, { hostname }) => ({ id, hostname })),
    [`${zone}/dns_records`]: () => all(RECORD, (id, { name }) => ({ id, name })),
  };
  const answer = (path: string, authorization: string | undefined): Answer => {
    const found = answers[path];
    return authorization === `Bearer ${TOKEN}` && found ? [200, found()] : REFUSED;
  };
  const server = createServer(({ url = '/', headers }, response) => {
    const [status, result] = answer(new URL(url, 'http://api').pathname, headers.authorization);
    const errors = status === 200 ? [] : [{ code: 10_000, message: 'Authentication error' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: status === 200, errors, result }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
