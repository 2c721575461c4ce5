import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { callOf } from './call-of.js';

/** Stands before an imitation of AWS and notes which calls pass. */
export interface Recorder {
  readonly endpoint: string;
  /** `<service>:<operation>` */
  readonly calls: ReadonlySet<string>;
  /** Ids of the access keys that signed them. */
  readonly signedBy: ReadonlySet<string>;
  stop(): Promise<void>;
}

export const startRecorder = async (upstream: string): Promise<Recorder> => {
  const calls = new Set<string>();
  const signedBy = new Set<string>();
  const { hostname, port } = new URL(upstream);

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = 'GET', url: path = '/', headers } = request;
    const single = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    calls.add(callOf({ method, path, headers: single, body: body.toString() }));
    const key = /Credential=([^/]+)/.exec(single.authorization ?? '')?.[1];
    if (key !== undefined) signedBy.add(key);
    // The header `host` stays, because it is signed.
    const { 'transfer-encoding': _, ...rest } = headers;
    const passed = send({
      hostname,
      port,
      method,
      path,
      headers: { ...rest, 'content-length': body.length },
    });
    passed.end(body);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  };

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the recorder has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    signedBy,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
