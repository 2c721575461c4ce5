import { createHash } from 'node:crypto';

/** A link of a tenant's audit chain: docs/formats.md, "Audit chain". */
export interface ChainLink {
  readonly seq: number;
  /** 32 bytes. */
  readonly hash: Buffer;
  /** The event as it went into the hash; null when it is gone. */
  readonly canonical: string | null;
}

/** Something that was done to the log and not by it. */
export interface ChainProblem {
  readonly seq: number | null;
  readonly problem: 'removed' | 'edited' | 'gap' | 'cut off' | 'added' | 'rewritten';
  readonly eventId: string | null;
}

export const FIRST_HASH: Buffer = Buffer.alloc(32);

export const nextHash = (previous: Buffer, canonical: string): Buffer =>
  createHash('sha256').update(previous).update(canonical, 'utf8').digest();

/** The content of a link's event, in the order of its canonical form. */
const readCanonical = (canonical: string) => {
  const [clinicId, id, atMicros, actor, action, subject, detail] = JSON.parse(canonical) as [
    string,
    string,
    number,
    string,
    string,
    string,
    Record<string, unknown>,
  ];
  return { clinicId, id, at: new Date(atMicros / 1000), actor, action, subject, detail };
};

/**
 * Follows a chain link by link, in order. Each link is checked against the one before it as it is stored, so that one
 * edit is one problem.
 */
export class ChainFollower {
  #previous = FIRST_HASH;
  seq = 0;
  readonly problems: ChainProblem[] = [];

  get hash(): Buffer {
    return this.#previous;
  }

  follow(link: ChainLink): void {
    while (this.seq + 1 < link.seq) {
      this.seq += 1;
      this.problems.push({ seq: this.seq, problem: 'gap', eventId: null });
    }
    const followsGap = this.problems.at(-1)?.seq === link.seq - 1 && this.problems.at(-1)?.problem === 'gap';
    this.seq = link.seq;
    if (link.canonical === null) this.problems.push({ seq: link.seq, problem: 'removed', eventId: null });
    else if (!followsGap && !nextHash(this.#previous, link.canonical).equals(link.hash))
      this.problems.push({ seq: link.seq, problem: 'edited', eventId: readCanonical(link.canonical).id });
    this.#previous = link.hash;
  }

  /** The end of the chain as it was noted elsewhere. */
  end(head: { readonly seq: number; readonly hash: Buffer }): void {
    if (this.seq < head.seq) this.problems.push({ seq: head.seq, problem: 'cut off', eventId: null });
    else if (this.seq > head.seq || !this.#previous.equals(head.hash))
      this.problems.push({ seq: this.seq, problem: 'rewritten', eventId: null });
  }
}
