import type { ExecutionContext } from '@cloudflare/workers-types';
import type { Environment } from '../../../targets/edge/worker/environment.js';
import local, { TenantLimits as Local } from '../../../targets/edge/worker/local.js';

/** An object that is ended from outside, in the middle of what it does. */
export class TenantLimits extends Local {
  restart(): void {
    this.ctx.abort('a test ends it');
  }
}

/** `/restart/<name of the object>` ends one. */
export default {
  fetch: async (request: Request, environment: Environment, context: ExecutionContext): Promise<Response> => {
    const name = /^\/restart\/(.+)$/.exec(new URL(request.url).pathname)?.[1];
    if (name === undefined) return local.fetch(request, environment, context);
    const object = environment.LIMITS.getByName(decodeURIComponent(name)) as unknown as Pick<
      TenantLimits,
      'restart'
    >;
    await Promise.resolve(object.restart()).catch(() => undefined);
    return new Response();
  },
};
