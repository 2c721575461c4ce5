import { RingfenceError } from '../../core/errors.js';
import type { Infrastructure } from '../../targets/aws/infrastructure.js';

/** What somebody wants of the worker of a cell. What is left out stays as it is. */
export interface WantedWorker {
  /** An image in ECR by its digest; null for no worker. */
  readonly image?: string | null;
  /** ARNs of secrets, by the variable that gets each. */
  readonly secrets?: Readonly<Record<string, string>>;
}

type Worker = NonNullable<Infrastructure['worker']>;

/**
 * The worker that a cell is to have; undefined for none.
 * @throws RingfenceError usage for secrets of no worker.
 */
export const workerOf = (
  cell: string,
  before: Worker | undefined,
  { image = before?.image ?? null, secrets }: WantedWorker = {},
): Worker | undefined => {
  if (image !== null) return { image, secrets: { ...(secrets ?? before?.secrets) } };
  if (secrets === undefined) return undefined;
  throw new RingfenceError('usage', `--worker-secrets are for a worker, and cell ${cell} has none`, {
    fix: 'name its image too: --worker-image <account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:…',
  });
};
