import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** An example as a project of a user's would write it. */
const asInstalled = (example: string): string =>
  example
    .replace("'../../data-plane/access/http/hono.js'", "'ringfence/access/hono'")
    .replace("'../../data-plane/access/index.js'", "'ringfence/access'");

describe('docs/access.md', () => {
  const document = read('docs/access.md');
  const blocks = [...document.matchAll(/<!-- (examples\/\S+) -->\n```ts\n([\s\S]*?)```/g)];

  it.each(blocks.map(([, path = '', code = '']) => [path, code]))('shows %s as it is', (path, code) => {
    expect(code).toBe(asInstalled(read(path)));
  });

  it('shows every example', () => {
    expect(blocks).toHaveLength(5);
  });
});
