/** How many replicas a cell can have. */
export const REPLICA_COUNTS = [0, 1] as const;
export type Replicas = (typeof REPLICA_COUNTS)[number];
