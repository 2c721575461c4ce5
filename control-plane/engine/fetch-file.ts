import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

export interface FetchTimeouts {
  /** Until the server has answered with headers. Short, so that a machine without internet finds out quickly. */
  readonly answerMs: number;
  /** Between two pieces of the body. */
  readonly silenceMs: number;
}

/**
 * Downloads `url` to the file `path`.
 * @returns the SHA-256 of what was written, in hexadecimal
 * @throws Error naming the URL and the reason: unreachable, an HTTP status, silence, or a body cut short
 */
export const fetchFile = async (
  url: string,
  path: string,
  timeouts: FetchTimeouts,
  onBytes: (receivedBytes: number, totalBytes: number | undefined) => void = () => undefined,
): Promise<string> => {
  const digest = createHash('sha256');
  await receive(url, timeouts, async (response, watch) => {
    const totalBytes = Number(response.headers.get('content-length')) || undefined;
    let receivedBytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        watch();
        digest.update(chunk);
        receivedBytes += chunk.length;
        onBytes(receivedBytes, totalBytes);
        done(null, chunk);
      },
    });
    if (!response.body) throw new Error('the answer has no body');
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, measure, createWriteStream(path));
  });
  return digest.digest('hex');
};

/** Downloads a small text. @throws Error like {@link fetchFile} */
export const fetchText = async (url: string, timeouts: FetchTimeouts): Promise<string> => {
  let text = '';
  await receive(url, timeouts, async (response) => {
    text = await response.text();
  });
  return text;
};

const receive = async (
  url: string,
  timeouts: FetchTimeouts,
  consume: (response: Response, watch: () => void) => Promise<void>,
): Promise<void> => {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const watch = (limitMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error(`no answer for ${limitMs / 1000} s`)), limitMs);
  };
  try {
    watch(timeouts.answerMs);
    const response = await fetch(url, { signal: abort.signal, redirect: 'follow' });
    watch(timeouts.silenceMs);
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    await consume(response, () => watch(timeouts.silenceMs));
  } catch (cause) {
    throw new Error(`${url}: ${reasonOf(abort.signal.aborted ? abort.signal.reason : cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
};

/** fetch hides the reason ("fetch failed") in its cause; the code of the operating system says it. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause;
  return inner instanceof Error ? `${error.message} (${inner.message})` : error.message;
};
