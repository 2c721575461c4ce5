import type { Context, MiddlewareHandler } from 'hono';
import type { Access } from '../create-access.js';
import type { TenantDatabase } from '../tenant-database.js';
import { bearerToken, refusalResponse } from './refusal-response.js';

/** `c.get('db')` in the handlers behind the middleware. */
export interface ClinicEnv {
  Variables: { db: TenantDatabase };
}

export interface HonoOptions {
  /** The clinic that a request is for, from its path or a header. */
  readonly clinic: (context: Context) => string | undefined;
  /** The peer's address, as the server's adapter or the proxy in front says. */
  readonly remoteAddress?: (context: Context) => string | undefined;
  /** Is told of errors that end in a status of 500 or more. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Runs the rest of the chain in the clinic of the request, in one transaction. It is rolled back when a handler
 * throws, also where the application's `onError` answers.
 */
export const clinicMiddleware =
  (access: Access, options: HonoOptions): MiddlewareHandler<ClinicEnv> =>
  async (context, next) => {
    try {
      const token = bearerToken(context.req.header('authorization'));
      const work = async (db: TenantDatabase): Promise<void> => {
        context.set('db', db);
        await next();
        if (context.error) throw context.error;
      };
      await access.run(token, options.clinic(context) ?? '', work, {
        remoteAddress: options.remoteAddress?.(context),
        signal: context.req.raw.signal,
      });
    } catch (error) {
      const { status, headers, body } = refusalResponse(error);
      if (error === context.error && status === 500) return;
      if (status >= 500) options.onError?.(error);
      context.res = undefined;
      context.res = new Response(JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', ...headers },
      });
    }
  };
