import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** The filter of a tenant's events. A missing part does not narrow. */
export interface AuditFilter {
  readonly clinic?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** Part of the actor, such as a user's id or `reception`. */
  readonly actor?: string;
  readonly action?: string;
  readonly limit: number;
  /** Who by a pseudonym of the clinic, what by its kind. */
  readonly anonymous: boolean;
}

export interface AuditEvent {
  readonly clinic: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const EVENTS = readFileSync(new URL('./queries/events.sql', import.meta.url), 'utf8');

/** Newest first. */
export const queryAudit = async (
  client: pg.ClientBase,
  tenantId: string,
  filter: AuditFilter,
): Promise<AuditEvent[]> => {
  const { rows } = await client.query<AuditEvent>(EVENTS, [
    tenantId,
    filter.clinic ?? null,
    filter.since ?? null,
    filter.until ?? null,
    filter.actor ?? null,
    filter.action ?? null,
    filter.limit,
    filter.anonymous,
  ]);
  return rows;
};
