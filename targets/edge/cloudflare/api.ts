import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import type { CloudflareAccount } from './credentials.js';

const ANSWER_MS = 30_000;
const ATTEMPTS = 4;
const PAUSE_MS = 500;
const PAGE_ENTRIES = 100;
const PAGES_MAX = 1_000;

const TOO_MANY = 429;
const SERVER_ERROR = 500;
const REFUSED = [401, 403];

const envelope = z.object({
  result: z.unknown(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
});

/** Reads what an account has. Changes are the engine's. */
export interface CloudflareApi {
  /** @throws RingfenceError `edge_refused`, `edge_unavailable` */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** All pages of a list. @throws RingfenceError as `read`. */
  list<T>(path: string, schema: z.ZodType<T>): Promise<T[]>;
}

export const cloudflareApi = ({ url, token }: CloudflareAccount): CloudflareApi => {
  const get = async (path: string): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await ask(`${url}${path}`, token);
      const retries = status === TOO_MANY || status >= SERVER_ERROR;
      if (retries && attempt < ATTEMPTS)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
      else return resultOf(path, status, body);
    }
  };
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const parsed = schema.safeParse(await get(path));
    if (parsed.success) return parsed.data;
    throw unavailable(`what Cloudflare answers to ${path} is not as it is documented`);
  };
  return {
    read,
    list: async (path, schema) => {
      const all = [];
      for (let page = 1; page <= PAGES_MAX; page++) {
        const found = await read(`${path}?per_page=${PAGE_ENTRIES}&page=${page}`, z.array(schema));
        all.push(...found);
        if (found.length < PAGE_ENTRIES) return all;
      }
      throw unavailable(`the list ${path} of Cloudflare does not end`);
    },
  };
};

const ask = async (url: string, token: string): Promise<{ status: number; body: unknown }> => {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch (cause) {
    throw unavailable('Cloudflare does not answer', cause);
  }
};

const resultOf = (path: string, status: number, body: unknown): unknown => {
  const parsed = envelope.safeParse(body);
  const said = parsed.data?.errors.map(({ code, message }) => `${code} ${message}`).join('; ') ?? '';
  if (status < 300 && parsed.success) return parsed.data.result;
  if (!REFUSED.includes(status)) throw unavailable(`Cloudflare answers ${status} to ${path}: ${said}`);
  throw new RingfenceError('edge_refused', `Cloudflare refuses the token for ${path}: ${said}`, {
    fix: 'check CLOUDFLARE_API_TOKEN, the account and the zone, and what the token may do (docs/edge.md)',
  });
};

const unavailable = (message: string, cause?: unknown): RingfenceError =>
  new RingfenceError('edge_unavailable', message, {
    fix: 'check the network, and try again; nothing was changed',
    cause,
  });
