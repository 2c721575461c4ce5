import type { Fetcher } from '@cloudflare/workers-types';

const AT_ONCE = 32;

/** Sends requests to a Worker beside it, without HTTP: `/<its binding>/<how many>`. Answers how many were not refused. */
export default {
  fetch: async (request: Request, environment: Readonly<Record<string, Fetcher>>): Promise<Response> => {
    const [, to = '', count = '0'] = new URL(request.url).pathname.split('/');
    const worker = environment[to];
    if (worker === undefined) return new Response(`no Worker ${to}`, { status: 404 });
    const authorization = request.headers.get('authorization');
    const headers: Record<string, string> = authorization === null ? {} : { authorization };
    let left = Number(count);
    let passed = 0;
    const client = async (): Promise<void> => {
      while (left-- > 0) {
        const response = await worker.fetch('https://uno.clinics.example/', { headers });
        await response.text();
        if (response.status === 200) passed += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    return new Response(String(passed));
  },
};
