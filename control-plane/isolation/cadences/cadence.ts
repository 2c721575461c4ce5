/** The cadence of isolation tests and its purpose. */
export const CADENCES = ['pr', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type Cadence = (typeof CADENCES)[number];

export const STEP_NAMES = [
  'lint',
  'suite',
  'audit-chain',
  'audit-review',
  'mutants',
  'generated',
  'pack',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

interface CadencePlan {
  readonly about: string;
  readonly steps: readonly StepName[];
  /** In UTC; null for what a pull request starts. Spread over the night, so that no two begin together. */
  readonly cron: string | null;
  /**
   * The cadence slows cells down for minutes, so it waits for maintenance windows, at most for a week. `maxAgeDays`
   * includes that week.
   */
  readonly heavy: boolean;
  /** A run older than this is overdue. */
  readonly maxAgeDays: number;
}

export const CADENCE_PLANS: Readonly<Record<Cadence, CadencePlan>> = {
  pr: {
    about: 'the lint and every scenario, on the cells of the pull request',
    steps: ['lint', 'suite'],
    cron: null,
    heavy: false,
    maxAgeDays: 30,
  },
  daily: {
    about: 'the lint and every scenario, against the running cells; anything found is an alert',
    steps: ['lint', 'suite'],
    cron: '10 2 * * *',
    heavy: false,
    maxAgeDays: 2,
  },
  weekly: {
    about:
      'a review of the audit logs: refused attempts, support access, administrators, and every hash chain',
    steps: ['audit-chain', 'audit-review'],
    cron: '40 2 * * 1',
    heavy: false,
    maxAgeDays: 8,
  },
  monthly: {
    about: 'a simulated breach by every known way, generated attacks and the mutants, with a report',
    steps: ['lint', 'suite', 'generated', 'mutants', 'audit-chain'],
    cron: '10 3 1 * *',
    heavy: true,
    maxAgeDays: 39,
  },
  quarterly: {
    about: 'the pack for an external reviewer: architecture, policies as deployed, lint, suite, mutants',
    steps: ['lint', 'suite', 'mutants', 'audit-chain', 'audit-review', 'pack'],
    cron: '40 3 2 1,4,7,10 *',
    heavy: true,
    maxAgeDays: 101,
  },
  yearly: {
    about: 'the pack with generated attacks at length, before an external penetration test',
    steps: ['lint', 'suite', 'generated', 'mutants', 'audit-chain', 'audit-review', 'pack'],
    cron: '40 4 3 1 *',
    heavy: true,
    maxAgeDays: 374,
  },
};
