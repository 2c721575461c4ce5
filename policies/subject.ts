import type { Whereabouts } from '../core/whereabouts.js';
import type { Tenant } from '../manifest/index.js';
import type { Exception } from './exceptions/exception.js';
import type { Properties } from './values.js';

/** A resource of a stack, as it is declared or as it was deployed. */
export interface Resource {
  readonly urn: string;
  /** Token: `aws:rds/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  /** What its provider added; empty before it is made. */
  readonly outputs: Properties;
  /** The engine refuses to delete or replace it; undefined where nobody says. */
  readonly protect: boolean | undefined;
  /** The configuration of its provider; undefined where that is not known. */
  readonly provider: Properties | undefined;
}

/** A resource that a program declares, or one in the engine's state. */
interface KnownResource extends Resource {
  readonly kind: 'resource' | 'state';
}

/** What a deployment would do with a resource. */
export interface PreviewedResource extends Resource {
  readonly kind: 'preview';
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'same' | 'refresh' | 'read';
}

/** A fact that somebody who holds a thing told: where it is. */
export interface ObservedFact {
  readonly kind: 'fact';
  readonly found: Whereabouts;
}

interface ManifestSubject {
  readonly kind: 'manifest';
  readonly tenant: Tenant;
}

export const SUBJECT_KINDS = ['manifest', 'resource', 'preview', 'state', 'fact'] as const;
export type Subject = ManifestSubject | PreviewedResource | KnownResource | ObservedFact;

/** The name of a subject in messages. */
export const nameOf = (subject: Subject): string => {
  if (subject.kind === 'manifest') return `manifest ${subject.tenant.slug}`;
  return subject.kind === 'fact' ? subject.found.what : subject.urn;
};

/** A legal hold on a tenant. */
export interface Held {
  readonly slug: string;
  readonly tenantId: string;
  /** Its kind and reason. */
  readonly hold: string;
}

/** What was promised about the subjects, and what else a rule may need to judge them. */
export interface Promises {
  /** Everybody whose data the subjects have, or will have. */
  readonly tenants: readonly Tenant[];
  /** The regions that cells were recorded with: labels, no proof. */
  readonly cellRegions: Readonly<Record<string, string>>;
  /** Within how many days everything of a person is erased when that is asked for. */
  readonly erasureDays: number;
  /** The hash of the cells' schema in this release. */
  readonly schemaHash: string;
  /** ARNs and ids of the keys of the cell; empty where they are not known yet. */
  readonly cellKeys: readonly string[];
  readonly held: readonly Held[];
  /** URNs of data that somebody allows to be replaced or deleted. */
  readonly allowReplace: readonly string[];
  readonly exceptions: readonly Exception[];
}

/** The promises, and the other resources of the same stack. */
export interface Judging extends Promises {
  readonly resources: readonly Resource[];
}

/** Where nothing was promised, and nothing is known. */
export const NO_PROMISES: Promises = {
  tenants: [],
  cellRegions: {},
  erasureDays: 0,
  schemaHash: '',
  cellKeys: [],
  held: [],
  allowReplace: [],
  exceptions: [],
};
