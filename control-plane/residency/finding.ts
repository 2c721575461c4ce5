import { SERVER_PARTS, type Whereabouts } from '../../core/whereabouts.js';

/** The parts of a tenant that have to be somewhere. */
export const PARTS = [
  ...SERVER_PARTS,
  'backups',
  'key-copies',
  'keys',
  'control-database',
  'control-backups',
  'state',
  'edge',
] as const;
export type Part = (typeof PARTS)[number];

/** What was found out about one thing. */
export interface Finding {
  readonly part: Part;
  readonly cell: string | null;
  /** The region that we say it is in, by a label or by a name that we wrote down; null where we say nothing. */
  readonly declared: string | null;
  readonly found: Whereabouts;
}
