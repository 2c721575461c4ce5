import { z } from 'zod';
import { SCENARIO_NAMES } from '../../isolation/suite/case.js';
import { findingView } from '../cells/views.js';
import { moment } from '../view.js';
import { CADENCES } from './cadences/cadence.js';

const threats = z.array(z.int()).describe('numbers of docs/threats.md');
const scenario = z.enum(SCENARIO_NAMES);

const suiteView = z.array(
  z.strictObject({
    cell: z.string(),
    region: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: z.number(),
    postgres: z.string(),
    tables: z.int(),
    seed: z.int(),
    cases: z.array(
      z.strictObject({
        id: z.string(),
        scenario,
        isolation: threats,
        tried: z.string(),
        expected: z.string(),
        cameBack: z.string(),
        verdict: z.enum(['held', 'leaked', 'unproven']),
      }),
    ),
    scenarios: z.array(
      z.strictObject({
        name: scenario,
        title: z.string(),
        about: z.string(),
        held: z.int(),
        leaked: z.int(),
        unproven: z.int(),
      }),
    ),
    lint: z.array(findingView),
    notCovered: z.array(
      z.strictObject({
        status: z.enum(['not applicable yet', 'tried elsewhere', 'known limit']),
        isolation: threats,
        scenario,
        what: z.string(),
        why: z.string(),
      }),
    ),
  }),
);

const generatedView = z.array(
  z.strictObject({
    cell: z.string(),
    report: z.strictObject({
      seed: z.int(),
      sequences: z.int(),
      steps: z.int(),
      statements: z.int(),
      proved: z.int(),
      tables: z.int(),
      durationMs: z.number(),
      failure: z
        .strictObject({
          kind: z.enum(['leak', 'difference', 'unproven']),
          what: z.string(),
          steps: z.array(z.string()),
          path: z.string(),
        })
        .optional(),
    }),
  }),
);

export const mutantsView = z.strictObject({
  mutants: z.int(),
  caught: z.int(),
  results: z.array(
    z.strictObject({
      id: z.string(),
      removes: z.string(),
      isolation: threats,
      attacks: z.array(z.string()),
      lintRules: z.array(z.string()),
      caught: z.boolean(),
    }),
  ),
});

/** The scenarios; with --generated the sequences, with --mutants the mutants. */
export const isolationTestView = z.union([suiteView, generatedView, mutantsView]);

const steps = z.array(
  z.strictObject({
    step: z.enum(['lint', 'suite', 'audit-chain', 'audit-review', 'mutants', 'generated', 'pack']),
    outcome: z.enum(['clean', 'found']),
    summary: z.string(),
    files: z.array(z.string()),
  }),
);

export const cadenceReportView = z.strictObject({
  cadence: z.enum(CADENCES),
  outcome: z.enum(['clean', 'found']),
  folder: z.string(),
  steps,
});

export const isolationRunsView = z.array(
  z.strictObject({
    cadence: z.enum(CADENCES),
    cron: z.string().nullable().describe('in UTC; null for what a pull request starts'),
    last: z
      .object({
        id: z.guid(),
        cadence: z.enum(CADENCES),
        startedAt: moment,
        finishedAt: moment.nullable(),
        outcome: z.enum(['clean', 'found', 'failed']).nullable(),
        folder: z.string(),
        steps,
      })
      .nullable(),
    overdue: z.boolean(),
  }),
);
