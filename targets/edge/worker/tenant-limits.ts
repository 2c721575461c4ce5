import { DurableObject } from 'cloudflare:workers';
import type { DurableObjectState } from '@cloudflare/workers-types';
import type { ObjectReport } from '../document/object-report.js';
import type { Answer, Ask, Settlement, Terms } from '../limits/lease-protocol.js';
import type { Ledger } from '../limits/ledger.js';
import { createLender, type Lender } from '../limits/lender.js';
import type { EdgeLimits } from '../limits/limits.js';
import { createSeats, type SeatAnswer, type Seats } from '../limits/seats.js';
import { seatTable } from './seat-table.js';

const LEDGER = 'ledger';
const TERMS = 'terms';

/**
 * The limits of one tenant. Its class is SQLite-backed from the first deployment on, which cannot be changed later. The
 * platform holds back an answer until what was written before it is durable.
 */
export class TenantLimits extends DurableObject<unknown> {
  readonly #state: DurableObjectState;
  readonly #lender: Lender;
  readonly #seats: Seats;
  #terms: Terms | undefined;

  constructor(state: DurableObjectState, environment: unknown) {
    super(state, environment);
    const { kv, sql } = state.storage;
    this.#state = state;
    this.#terms = kv.get<Terms>(TERMS);
    this.#lender = createLender(kv.get<Ledger>(LEDGER), (ledger) => kv.put(LEDGER, ledger));
    this.#seats = createSeats(seatTable(sql));
  }

  ask(terms: Terms, ask: Ask): Answer {
    return this.#lender.ask(ask, this.#limits(terms), Date.now());
  }

  settle(terms: Terms, settlement: Settlement): void {
    this.#lender.settle(settlement, this.#limits(terms), Date.now());
  }

  takeSeat(terms: Terms, user: string): SeatAnswer {
    const limits = this.#limits(terms);
    const answer = this.#seats.take(user, limits.concurrentUsers, Date.now());
    if (!answer.taken) this.#lender.countRefused('concurrentUsers', limits, Date.now());
    return answer;
  }

  releaseSeat(user: string, untilMs: number): void {
    this.#seats.release(user, untilMs);
  }

  report(terms: Terms): ObjectReport {
    const nowMs = Date.now();
    const { minute, day } = this.#lender.ledger(this.#limits(terms), nowMs);
    return {
      tenant: this.tenant,
      jurisdiction: this.#state.id.jurisdiction ?? null,
      at: new Date(nowMs).toISOString(),
      revision: this.#terms?.revision ?? null,
      users: this.#seats.count(nowMs),
      minute: { start: new Date(minute.startMs).toISOString(), admitted: minute.granted },
      day: {
        start: new Date(day.startMs).toISOString(),
        admitted: day.granted,
        refused: day.refused,
        costEur: day.costMicroEur / 1_000_000,
      },
    };
  }

  /** The object is named after its tenant. */
  protected get tenant(): string {
    return this.#state.id.name ?? '';
  }

  /** An object in the wrong place does nothing: by its own word, not by the name under which it was asked for. */
  protected isIn(jurisdiction: Terms['jurisdiction']): boolean {
    return (this.#state.id.jurisdiction ?? null) === jurisdiction;
  }

  /** Limits of the newest configuration that any isolate has shown. @throws Error for an object in the wrong place. */
  #limits(terms: Terms): EdgeLimits {
    if (!this.isIn(terms.jurisdiction))
      throw new Error('the object is not in the jurisdiction that was asked for');
    if (this.#terms === undefined || terms.revision > this.#terms.revision) {
      this.#terms = terms;
      this.#state.storage.kv.put(TERMS, terms);
    }
    return this.#terms.limits;
  }
}
