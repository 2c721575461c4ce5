import type { Clinic, Tenant } from '../../manifest/index.js';
import type { ClinicInput } from '../manifests/partial-tenant.js';
import type { Prompts } from './prompts.js';

/** What the questions about one dimension of a clinic work with. */
export interface Sheet {
  readonly prompts: Prompts;
  readonly tenant: Tenant;
  /** The clinic with what was configured so far, and with every default. */
  readonly clinic: Clinic;
  /** What the schema says at `at`, or below it, of the clinic with this part of it replaced. */
  check(part: Partial<ClinicInput>, ...at: readonly PropertyKey[]): string | undefined;
}

/** Asks for one dimension and returns it as a part of the clinic. */
export type AskDimension = (sheet: Sheet) => Promise<Partial<ClinicInput>>;
