import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** Events of one kind by one actor, in the time that is reviewed. */
export interface ReviewLine {
  readonly clinic: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly actor: string;
  readonly events: number;
  readonly rows: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** The events for a review: refused attempts, support access, and rows that administrators wrote by hand. */
export interface AuditReview {
  readonly events: number;
  readonly refused: readonly ReviewLine[];
  readonly support: readonly ReviewLine[];
  readonly byAdministrators: readonly ReviewLine[];
}

const REVIEW = readFileSync(new URL('./queries/review.sql', import.meta.url), 'utf8');

export const reviewAudit = async (
  client: pg.ClientBase,
  tenantId: string,
  { since, until }: { readonly since: Date; readonly until: Date },
): Promise<AuditReview> => {
  const { rows } = await client.query<ReviewLine>(REVIEW, [tenantId, since, until]);
  return {
    events: rows.reduce((sum, { events }) => sum + events, 0),
    refused: rows.filter(({ action }) => action === 'refused'),
    support: rows.filter(({ action }) => action === 'support'),
    byAdministrators: rows.filter(
      ({ action, actor }) => action !== 'support' && actor.startsWith('administrator:'),
    ),
  };
};
