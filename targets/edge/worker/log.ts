import type { ClosedCode } from './refused.js';

/** Why a request was closed, or not counted as it should be, into the platform's log, by tenant or host: clients learn the code only. */
export const log = (code: ClosedCode | 'cost_unreadable', whose: string, cause: unknown): void =>
  console.error(JSON.stringify({ code, whose, cause: String(cause) }));
