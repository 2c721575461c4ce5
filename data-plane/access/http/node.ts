import type { IncomingMessage, RequestListener } from 'node:http';
import type { Access } from '../create-access.js';
import type { TenantDatabase } from '../tenant-database.js';
import { bearerToken, type RefusalResponse, refusalResponse } from './refusal-response.js';

/** A handler's answer; it is sent as JSON after the commit. */
export interface Reply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface NodeHttpOptions {
  /** The clinic that a request is for, from its path or a header. */
  readonly clinic: (request: IncomingMessage) => string | undefined;
  /** The peer's address. Default: the socket's; behind a proxy, what the proxy says. */
  readonly remoteAddress?: (request: IncomingMessage) => string | undefined;
  /** Is told of errors that end in a status of 500 or more. */
  readonly onError?: (error: unknown) => void;
}

/** A listener for `http.createServer` whose handler works in the clinic of the request. */
export const clinicListener =
  (
    access: Access,
    options: NodeHttpOptions,
    handler: (request: IncomingMessage, db: TenantDatabase) => Promise<Reply>,
  ): RequestListener =>
  async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const reply = await answer(request, gone.signal).catch((error: unknown): RefusalResponse => {
      const refusal = refusalResponse(error);
      if (refusal.status >= 500) options.onError?.(error);
      return refusal;
    });
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));

    async function answer(incoming: IncomingMessage, signal: AbortSignal): Promise<Reply> {
      const headers = incoming.headersDistinct.authorization ?? [];
      const token = bearerToken(headers.length === 1 ? headers[0] : undefined);
      const remoteAddress = options.remoteAddress
        ? options.remoteAddress(incoming)
        : incoming.socket.remoteAddress;
      return access.run(token, options.clinic(incoming) ?? '', (db) => handler(incoming, db), {
        remoteAddress,
        signal,
      });
    }
  };
