import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { ChainFollower, type ChainProblem } from './chain.js';
import { readHead, readLinks } from './read-links.js';

/** An end of the chain that was noted outside the cell, so that not even its administrator rewrites what was before. */
export interface Anchor {
  readonly seq: number;
  readonly hash: Buffer;
}

/** The result of a verification. Without problems every event up to `head` is there, unchanged and in order. */
export interface AuditVerdict {
  readonly events: number;
  readonly head: Anchor;
  readonly anchors: number;
  readonly problems: readonly ChainProblem[];
}

const UNCHAINED = readFileSync(new URL('./queries/unchained.sql', import.meta.url), 'utf8');

/** Follows the tenant's chain from its first event to its end, past every anchor, in one snapshot. */
export const verifyAudit = async (
  client: pg.ClientBase,
  tenantId: string,
  anchors: readonly Anchor[],
): Promise<AuditVerdict> => {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const chain = new ChainFollower();
    const expected = new Map(anchors.map((anchor) => [anchor.seq, anchor.hash]));
    const rewritten: ChainProblem[] = [];
    for await (const link of readLinks(client, tenantId)) {
      chain.follow(link);
      const anchored = expected.get(link.seq);
      if (anchored && !anchored.equals(link.hash))
        rewritten.push({ seq: link.seq, problem: 'rewritten', eventId: null });
    }
    const lastAnchor = Math.max(0, ...expected.keys());
    if (lastAnchor > chain.seq) rewritten.push({ seq: lastAnchor, problem: 'cut off', eventId: null });
    const head = await readHead(client, tenantId);
    chain.end(head);
    const unchained = await client.query<{ id: string }>(UNCHAINED, [tenantId]);
    const added = unchained.rows.map(
      ({ id }): ChainProblem => ({ seq: null, problem: 'added', eventId: id }),
    );
    return {
      events: chain.seq,
      head,
      anchors: anchors.length,
      problems: [...chain.problems, ...rewritten, ...added],
    };
  } finally {
    await client.query('ROLLBACK');
  }
};
