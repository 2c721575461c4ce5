import type { ThingName } from './things.js';

/** A permission, and the calls of our clients that need it, as `<service>:<operation>` of AWS's API. */
export interface Permission {
  /** As IAM names it, which for S3 is seldom the name of the call. */
  readonly action: string;
  readonly on: ThingName;
  readonly calls: readonly string[];
}
