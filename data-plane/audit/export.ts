import type pg from 'pg';
import { ChainFollower, type ChainLink } from './chain.js';
import { readHead, readLinks } from './read-links.js';

const FORMAT = 'ringfence-audit';

/** The lines of a tenant's audit export (docs/formats.md, "Audit chain"), each without its line feed. */
export async function* exportAudit(client: pg.ClientBase, tenantId: string): AsyncGenerator<string> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    yield* auditLines(client, tenantId);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** The same in a snapshot that the caller has open. */
export async function* auditLines(client: pg.ClientBase, tenantId: string): AsyncGenerator<string> {
  yield JSON.stringify({ format: FORMAT, version: 1, tenant: tenantId });
  for await (const { seq, hash, canonical } of readLinks(client, tenantId))
    yield JSON.stringify({ seq, hash: hash.toString('hex'), event: canonical });
  const head = await readHead(client, tenantId);
  yield JSON.stringify({ end: { seq: head.seq, hash: head.hash.toString('hex') } });
}

/**
 * Follows the chain of an export, without a database. A line that is no line of the format is an error of its own.
 * @returns the chain that was followed; undefined where the file is none, or has no end.
 */
export const followExport = async (lines: AsyncIterable<string>): Promise<ChainFollower | undefined> => {
  const chain = new ChainFollower();
  let started = false;
  let ended = false;
  for await (const line of lines) {
    if (line === '') continue;
    const entry = parseLine(line);
    if (!started) {
      if (entry?.format !== FORMAT || entry.version !== 1) return undefined;
      started = true;
    } else if (entry?.end && !ended) {
      chain.end({ seq: entry.end.seq, hash: Buffer.from(entry.end.hash, 'hex') });
      ended = true;
    } else {
      const link = ended ? undefined : linkOf(entry);
      if (!link) return undefined;
      chain.follow(link);
    }
  }
  return ended ? chain : undefined;
};

interface Line {
  readonly format?: string;
  readonly version?: number;
  readonly seq?: number;
  readonly hash?: string;
  readonly event?: string | null;
  readonly end?: { readonly seq: number; readonly hash: string };
}

const parseLine = (line: string): Line | undefined => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
};

const linkOf = (entry: Line | undefined): ChainLink | undefined =>
  entry && Number.isSafeInteger(entry.seq) && typeof entry.hash === 'string'
    ? { seq: entry.seq as number, hash: Buffer.from(entry.hash, 'hex'), canonical: entry.event ?? null }
    : undefined;
