import type { Tenant } from '../manifest/index.js';
import type { Judging, ObservedFact, PreviewedResource, Promises, Resource } from './subject.js';
import type { Verdict } from './verdict.js';

export const LEVELS = ['mandatory', 'advisory'] as const;

/** A promise that every deployment has to keep. Its functions are pure; undefined is: this subject is none of its business. */
export interface Rule {
  readonly name: string;
  /** The promise in one sentence, for lists. */
  readonly description: string;
  readonly why: string;
  /** A violation of a mandatory rule stops a deployment. */
  readonly level: (typeof LEVELS)[number];
  /** Set where nobody may make an exception: what to do instead. */
  readonly withoutExceptions?: string;
  readonly judgeManifest?: (tenant: Tenant) => Verdict | undefined;
  /** Whether it looks at the other resources of the stack too. */
  readonly looksAround?: true;
  /** A declared, a previewed and a deployed resource are judged alike. */
  readonly judgeResource?: (resource: Resource, judging: Judging) => Verdict | undefined;
  /** What a preview does to a resource. */
  readonly judgeChange?: (resource: PreviewedResource, judging: Judging) => Verdict | undefined;
  readonly judgeFact?: (fact: ObservedFact, promises: Promises) => Verdict | undefined;
}
