import type { Clinic, Tenant } from '../../manifest/index.js';
import type { ClinicInput } from '../manifests/partial-tenant.js';
import type { Prompts } from './prompts.js';

/** The context of the questions about one dimension of a clinic. */
export interface Sheet {
  readonly prompts: Prompts;
  readonly tenant: Tenant;
  /** The clinic with what was configured so far, and with every default. */
  readonly clinic: Clinic;
  /** The schema's problems at or below `at`, with this part of the clinic replaced. */
  check(part: Partial<ClinicInput>, ...at: readonly PropertyKey[]): string | undefined;
}

/** Asks for one dimension and returns it as a part of the clinic. */
export type AskDimension = (sheet: Sheet) => Promise<Partial<ClinicInput>>;
