/**
 * Size of a block of tokens. Each isolate gets at most its half of an equal share, so blocks shrink as the limit comes nearer
 * and end at none: then each request asks by itself.
 */
export const blockSize = ({
  left,
  want,
  isolates,
}: {
  readonly left: number;
  readonly want: number;
  readonly isolates: number;
}): number => Math.max(0, Math.min(want, Math.floor(left / (2 * isolates))));
