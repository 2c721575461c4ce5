import type pg from 'pg';

/** The daily figures of a clinic. */
type Metric = 'appointments' | 'visits' | 'no_shows' | 'new_patients' | 'invoiced_eur';

/** Daily figures kept, in days back from today. */
const KEPT_DAYS = 60;

/** Daily figures of one clinic, counted while its rows are made so that both agree. */
export interface Figures {
  /** @param day the clinic's date, `2026-11-21` */
  count(day: string, metric: Metric, value?: number): void;
  rows(): readonly { clinic_id: string; day: string; metric: string; value: number }[];
}

/** @param today the clinic's date; figures of later days, or from more than KEPT_DAYS before, are not kept. */
export const figuresOf = (clinicId: string, today: string): Figures => {
  const first = new Date(Date.parse(today) - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
  const values = new Map<string, number>();
  return {
    count(day, metric, value = 1) {
      if (day < first || day > today) return;
      const name = `${day} ${metric}`;
      values.set(name, (values.get(name) ?? 0) + value);
    },
    rows: () =>
      [...values].map(([name, value]) => {
        const [day = '', metric = ''] = name.split(' ');
        return { clinic_id: clinicId, day, metric, value: Math.round(value * 100) / 100 };
      }),
  };
};

/** Adds the figures to those of the same day that are there. Returns how many rows are new. */
export const addFigures = async (client: pg.ClientBase, figures: readonly Figures[]): Promise<number> => {
  const { rows } = await client.query<{ added: number }>(
    `WITH put AS (
       INSERT INTO clinical.daily_figures AS known (clinic_id, day, metric, value)
       SELECT clinic_id, day, metric, value
         FROM jsonb_to_recordset($1::jsonb) AS made (clinic_id uuid, day date, metric text, value numeric)
       ON CONFLICT (clinic_id, day, metric) DO UPDATE SET value = known.value + excluded.value
       RETURNING xmax = 0 AS added)
     SELECT count(*) FILTER (WHERE added)::int AS added FROM put`,
    [JSON.stringify(figures.flatMap((clinic) => clinic.rows()))],
  );
  return rows[0]?.added ?? 0;
};
