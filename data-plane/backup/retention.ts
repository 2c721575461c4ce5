/** The number of days, weeks and months, counted back from now, of which the last backup is kept. */
export interface Retention {
  readonly timeZone: string;
  readonly retentionDays: number;
  readonly retentionWeeks: number;
  readonly retentionMonths: number;
}

interface Dated {
  readonly startedAt: Date;
}

const DAY_MS = 86_400_000;

/**
 * Which backups are past their retention. A backup is kept while it is the last one of one of the last
 * `retentionDays` days, `retentionWeeks` ISO weeks or `retentionMonths` months that have one, in the tenant's time zone;
 * the newest one always is.
 */
export const expiredBackups = <B extends Dated>(backups: readonly B[], retention: Retention): B[] => {
  const newestFirst = [...backups].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  const calendar = new Intl.DateTimeFormat('en-CA', {
    timeZone: retention.timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const kept = new Set<B>(newestFirst.slice(0, 1));
  const keepLastOf = (period: (day: string) => string, count: number): void => {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      const name = period(calendar.format(backup.startedAt));
      if (seen.has(name)) continue;
      if (seen.size === count) return;
      seen.add(name);
      kept.add(backup);
    }
  };
  keepLastOf((day) => day, retention.retentionDays);
  keepLastOf(mondayOf, retention.retentionWeeks);
  keepLastOf((day) => day.slice(0, 7), retention.retentionMonths);
  return newestFirst.filter((backup) => !kept.has(backup));
};

/** The Monday of a day's ISO week. `day` is as in 2026-11-22. */
const mondayOf = (day: string): string => {
  const date = new Date(`${day}T00:00:00Z`);
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  return new Date(date.getTime() - sinceMonday * DAY_MS).toISOString().slice(0, 10);
};
