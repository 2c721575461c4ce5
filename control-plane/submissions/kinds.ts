import { z } from 'zod';
import { isSlug, SLUG_ALLOWED } from '../../core/ids.js';
import { SUBSCRIPTION_STATES } from '../../core/lifecycle.js';
import { isName } from '../../core/postgres-name.js';
import { SCENARIO_NAMES } from '../../isolation/suite/case.js';

const slug = z.string().refine(isSlug, `allowed: ${SLUG_ALLOWED}`);
const words = z.string().min(1).max(1_000);
const moment = z.iso.datetime().transform((text) => new Date(text));
/** A row of a patient is named by its id: other values would be personal data, and lie in the control database. */
const byId = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'allowed: <column>=<UUID>');

const flag = z.boolean().exactOptional();
const count = z.int().positive().exactOptional();
const moving = {
  rehearse: flag,
  windowHours: count,
  drainMs: count,
  copyMbPerSecond: count,
  acceptLoss: flag,
};
/** Of an operation, or its first letters. */
const operation = z.string().regex(/^[0-9a-f-]{1,36}$/, 'allowed: the id of an operation');

const kind = <A extends z.ZodType, O extends z.ZodRawShape>(args: A, options: O) =>
  z.strictObject({ args, options: z.strictObject(options) });

/**
 * The commands that a worker carries out for others, by their names on the command line. What is written down of one is its
 * arguments and options, typed: whoever can write into the control database can have these done and nothing else. An option that
 * reads or writes a file of the caller's machine is not among them, nor is one that could hold a secret.
 */
export const SUBMISSION_KINDS = {
  'tenants add': kind(z.tuple([slug]), {
    // Names of clinics make a manifest, which comes along.
    clinic: z.array(z.string()).max(0),
    skipPreview: z.boolean().exactOptional(),
    why: words.exactOptional(),
  }),
  'tenants apply': kind(z.union([z.tuple([slug]), z.tuple([])]), {
    // Their manifests come along.
    all: z.literal(true).exactOptional(),
    allowReplace: z.array(words).max(100),
    concurrency: z.int(),
    why: words.exactOptional(),
  }),
  'tenants remove': kind(z.tuple([slug]), { confirm: slug.exactOptional() }),
  'tenants suspend': kind(z.tuple([slug]), { reason: words }),
  'tenants resume': kind(z.tuple([slug]), { reason: words }),
  'tenants promote': kind(z.tuple([slug]), {
    region: words.exactOptional(),
    to: slug.exactOptional(),
    rollback: flag,
    ...moving,
  }),
  'tenants demote': kind(z.tuple([slug]), {
    region: words.exactOptional(),
    to: slug.exactOptional(),
    ...moving,
  }),
  'tenants move': kind(z.tuple([slug]), {
    region: words.exactOptional(),
    to: slug.exactOptional(),
    ...moving,
  }),
  // What is due the worker carries out by itself. Printed to whoever submitted, its end would name who was erased.
  'tenants erase': kind(z.tuple([slug]), {
    reason: words,
    waitDays: z.int().min(1, 'a worker carries it out when it is due: allowed are 1 and more'),
    confirm: slug.exactOptional(),
    cancel: flag,
  }),
  'tenants residency': kind(z.tuple([slug]), {}),
  'cells repair': kind(z.tuple([slug]), { dryRun: flag }),
  'cells drain': kind(z.tuple([slug]), {
    to: slug.exactOptional(),
    region: words.exactOptional(),
    windowHours: count,
    drainMs: count,
    copyMbPerSecond: count,
  }),
  'cells rotate-context-key': kind(z.tuple([slug]), { graceMinutes: z.int() }),
  'placements add': kind(z.tuple([slug, slug]), {}),
  'placements withdraw': kind(z.tuple([slug, slug]), { confirm: slug.exactOptional() }),
  'operations resume': kind(z.tuple([operation]), { confirm: slug.exactOptional() }),
  'operations abort': kind(z.tuple([operation]), {}),
  'operations rollback': kind(z.tuple([operation]), { drainMs: count, acceptLoss: flag }),
  'keys rotate': kind(z.tuple([slug]), { settle: z.int().positive() }),
  'keys retire': kind(z.tuple([slug]), {}),
  'keys check': kind(z.union([z.tuple([slug]), z.tuple([])]), {}),
  'subscriptions show': kind(z.tuple([slug]), {}),
  'subscriptions set': kind(z.tuple([slug, z.enum(SUBSCRIPTION_STATES)]), {
    clinic: slug.exactOptional(),
    until: moment.exactOptional(),
  }),
  'quotas show': kind(z.tuple([slug]), {}),
  'quotas usage': kind(z.tuple([]), {}),
  'support list': kind(z.tuple([slug]), {}),
  'support revoke': kind(z.tuple([slug, z.guid()]), {}),
  'analytics publish': kind(z.tuple([]), { month: words.exactOptional(), cell: slug.exactOptional() }),
  'schema lint': kind(z.tuple([]), { cell: slug.exactOptional() }),
  'audit verify': kind(z.tuple([slug]), {}),
  'backups run': kind(z.tuple([slug]), { full: z.boolean().exactOptional() }),
  'backups verify': kind(z.tuple([slug]), { backup: z.guid().exactOptional() }),
  'backups drop-scratch': kind(
    z.tuple([slug, z.string().refine(isName, 'allowed: the name of a schema')]),
    {},
  ),
  'backups base': kind(z.union([z.tuple([slug]), z.tuple([])]), {}),
  'backups restore': kind(z.tuple([slug]), {
    backup: z.guid().exactOptional(),
    at: moment.exactOptional(),
    to: moment.exactOptional(),
    clinic: z.array(slug).max(1_000),
    table: z.array(z.string().max(127)).max(1_000),
    where: z.array(byId).max(100),
    into: z.enum(['in-place', 'scratch']),
    mode: z.enum(['replace', 'missing-only', 'newest']).exactOptional(),
    newestBy: z.string().refine(isName).exactOptional(),
    confirm: slug.exactOptional(),
    dryRun: z.boolean().exactOptional(),
  }),
  'demo load': kind(z.tuple([slug]), { patients: z.int().positive(), seed: z.int() }),
  'isolation test': kind(z.tuple([]), {
    scenario: z.array(z.enum(SCENARIO_NAMES)),
    cell: slug.exactOptional(),
    generated: z.int().positive().exactOptional(),
    seed: z.int(),
  }),
} as const;

/** Kinds whose first argument is an operation or a cell, and no tenant. */
const OF_NO_TENANT: readonly string[] = [
  'operations resume',
  'operations abort',
  'operations rollback',
  'cells repair',
  'cells drain',
  'cells rotate-context-key',
  'backups base',
] satisfies (keyof typeof SUBMISSION_KINDS)[];

/** @returns the tenant that a submission is about; null where no argument names one. A tenant has one submission at a time. */
export const tenantOf = (kind: SubmissionKind, args: readonly unknown[]): string | null =>
  typeof args[0] === 'string' && !OF_NO_TENANT.includes(kind) ? args[0] : null;

export type SubmissionKind = keyof typeof SUBMISSION_KINDS;

/** The arguments and options of a command, as its kind's schema reads them. */
export type SubmittedWords<K extends SubmissionKind = SubmissionKind> = z.output<
  (typeof SUBMISSION_KINDS)[K]
>;

export const isSubmissionKind = (name: string): name is SubmissionKind =>
  Object.hasOwn(SUBMISSION_KINDS, name);
