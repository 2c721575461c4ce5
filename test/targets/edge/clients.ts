import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** A request to the edge by a host name that no resolver knows. */
export const send = (
  edge: URL,
  host: string,
  path: string,
  headers: Record<string, string>,
  agent?: http.Agent,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const options = { host: edge.hostname, port: edge.port, path, headers: { ...headers, host }, agent };
    http
      .get(options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
      })
      .on('error', reject);
  });

/** The application of a cell: remembers what reached it. */
export const openOrigin = async (
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void = (_, response) =>
    void response.end('ok'),
) => {
  const arrived: {
    readonly atMs: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly url: string;
  }[] = [];
  const server = http.createServer((request, response) => {
    arrived.push({ atMs: Date.now(), headers: request.headers, url: request.url ?? '' });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
