import { type Answer, type Block, LIFE_MS, type Settlement } from './lease-protocol.js';
import type { EdgeQuota, Refusal } from './limits.js';

const SMALLEST = 8;
const LARGEST = 100_000;
/** How long an ask may take before another request asks for a block in its place. */
const ASKING_MS = 1_000;
/** A block that is down to this part of its tokens, or of its life, is followed by the next before it ends. */
const LOW = 0.25;

/** The part of an isolate that spends a tenant's tokens. It only ever holds what the object has given it. */
export interface Purse {
  /** Takes a token for one request. */
  spend(nowMs: number): boolean;
  /** The refusal that holds for every request now. It is counted. */
  refuse(nowMs: number): Refusal | undefined;
  /** Whether the next block should be asked for ahead. */
  isLow(nowMs: number): boolean;
  /** What the next ask carries. */
  begin(nowMs: number): Asked;
  /** A block lives from the moment when it was asked for, so never longer here than at the object. */
  receive(answer: Answer, asked: Asked): void;
  /** The object did not answer. What was to be put back is lost; costs are told again. */
  lose(asked: Asked): void;
  countRefused(quota: EdgeQuota): void;
  addCost(costMicroEur: number): void;
  /** What there is to say once a block has expired; undefined where there is nothing. */
  settle(nowMs: number): Settlement | undefined;
  /** The object did not answer to what there was to say: all of it is said again. It takes no block back twice, and a cost rather twice than never. */
  sayAgain(settlement: Settlement): void;
}

/** What an ask carries. */
interface Asked {
  readonly atMs: number;
  readonly number: number;
  readonly oldest: number;
  /** 0 while another request asks for a block. */
  readonly want: number;
  readonly settlement: Settlement;
}

interface Held {
  readonly lease: number;
  readonly tokens: number;
  left: number;
  readonly expiresAtMs: number;
}

export const createPurse = (): Purse => {
  let blocks: Held[] = [];
  let want = SMALLEST;
  let askingUntilMs = 0;
  let refusal: { readonly what: Refusal; readonly askedAtMs: number } | undefined;
  let ended: { lease: number; unspent: number }[] = [];
  let refused: Partial<Record<EdgeQuota, number>> = {};
  let costMicroEur = 0;
  let lastNumber = 0;
  const unanswered = new Set<number>();

  const sort = (nowMs: number): void => {
    for (const { lease, tokens, left, expiresAtMs } of blocks) {
      if (left > 0 && expiresAtMs > nowMs) continue;
      ended.push({ lease, unspent: left });
      if (left > tokens / 2) want = Math.max(SMALLEST, Math.ceil(want / 2));
    }
    blocks = blocks.filter(({ left, expiresAtMs }) => left > 0 && expiresAtMs > nowMs);
  };

  const take = (): Settlement => {
    const settlement = { ended, refused, costMicroEur };
    ended = [];
    refused = {};
    costMicroEur = 0;
    return settlement;
  };

  const countRefused = (quota: EdgeQuota): void => {
    refused[quota] = (refused[quota] ?? 0) + 1;
  };

  const hold = ({ lease, tokens, lifeMs }: Block, askedAtMs: number): void => {
    blocks.push({ lease, tokens, left: tokens, expiresAtMs: askedAtMs + lifeMs });
  };

  return {
    spend: (nowMs) => {
      if (!isAlive(blocks[0], nowMs)) sort(nowMs);
      const [block] = blocks;
      if (block === undefined) return false;
      block.left -= 1;
      if (block.left === 0) want = Math.min(LARGEST, want * 2);
      return true;
    },
    refuse: (nowMs) => {
      if (refusal === undefined || nowMs >= refusal.askedAtMs + refusal.what.askAgainMs) return undefined;
      countRefused(refusal.what.quota);
      return { ...refusal.what, resetsMs: refusal.askedAtMs + refusal.what.resetsMs - nowMs };
    },
    isLow: (nowMs) => {
      if (nowMs < askingUntilMs || blocks.length !== 1) return false;
      const [block] = blocks;
      if (block === undefined || block.tokens < SMALLEST) return false;
      return block.left < block.tokens * LOW || block.expiresAtMs - nowMs < LOW * LIFE_MS;
    },
    begin: (nowMs) => {
      sort(nowMs);
      const isFirst = nowMs >= askingUntilMs;
      if (isFirst) askingUntilMs = nowMs + ASKING_MS;
      lastNumber += 1;
      unanswered.add(lastNumber);
      // A set keeps the order in which numbers came.
      const [oldest = lastNumber] = unanswered;
      return { atMs: nowMs, number: lastNumber, oldest, want: isFirst ? want : 0, settlement: take() };
    },
    receive: ({ block, refusal: given }, { atMs, number, want: wanted }) => {
      unanswered.delete(number);
      if (block) hold(block, atMs);
      if (given) refusal = { what: given, askedAtMs: atMs };
      if (wanted > 0) askingUntilMs = 0;
    },
    lose: ({ settlement, number, want: wanted }) => {
      unanswered.delete(number);
      costMicroEur += settlement.costMicroEur;
      if (wanted > 0) askingUntilMs = 0;
    },
    countRefused,
    addCost: (more) => {
      costMicroEur += more;
    },
    settle: (nowMs) => {
      sort(nowMs);
      const hasRefused = Object.keys(refused).length > 0;
      const hasUnspent = ended.some(({ unspent }) => unspent > 0);
      return hasUnspent || hasRefused || costMicroEur > 0 ? take() : undefined;
    },
    sayAgain: (settlement) => {
      ended = [...settlement.ended, ...ended];
      for (const [quota, count] of Object.entries(settlement.refused) as [EdgeQuota, number][])
        refused[quota] = (refused[quota] ?? 0) + count;
      costMicroEur += settlement.costMicroEur;
    },
  };
};

const isAlive = (block: Held | undefined, nowMs: number): boolean =>
  block !== undefined && block.left > 0 && block.expiresAtMs > nowMs;
