/** A source of `length` cryptographically random bytes; `randomBytes` of node:crypto unless a test needs known ones. */
export type RandomSource = (length: number) => Buffer;
