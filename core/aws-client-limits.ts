/** How long a client of AWS waits, and how often it tries. */
export interface ClientPatience {
  readonly attempts: number;
  readonly connectMs: number;
  readonly answerMs: number;
  /** Without a byte in either direction. */
  readonly idleMs?: number;
}

/** The options of a client of the AWS SDK for that. Without `throwOnRequestTimeout` the SDK only logs that an answer is late. */
export const clientLimits = ({ attempts, connectMs, answerMs, idleMs }: ClientPatience) => ({
  maxAttempts: attempts,
  requestHandler: {
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    throwOnRequestTimeout: true,
    ...(idleMs === undefined ? {} : { socketTimeout: idleMs }),
  },
});
