import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** What hangs fails, and by its name, long before its test does. */
const SILENCE_MAX_MS = 120_000;

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
    const request = http
      .get(options, (response) => {
        // An answer that is cut off fails; its 'end' never comes.
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
          reject,
        );
      })
      .on('error', reject)
      .setTimeout(SILENCE_MAX_MS, () => request.destroy(new Error(`no answer from ${host}`)));
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
