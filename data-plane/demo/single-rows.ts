import type pg from 'pg';
import { clinic as clinicSchema } from '../../manifest/clinic.js';
import type { ClinicContext } from './clinic-context.js';

const DAY_MS = 86_400_000;

/**
 * What a clinic has once: its payment customer, its subscription and the first version of its configuration. Existing rows
 * stay as they are. Adds new rows to `counts`.
 */
export const addSingleRows = async (
  client: pg.ClientBase,
  context: ClinicContext,
  counts: Map<string, number>,
): Promise<void> => {
  const { clinic, now, random } = context;
  const trial = random.chance(0.25);
  const ends = new Date(now.getTime() + random.between(2, 13) * DAY_MS);
  const statements: readonly [table: string, sql: string, values: readonly unknown[]][] = [
    [
      'clinical.billing_customers',
      `INSERT INTO clinical.billing_customers (clinic_id, provider, provider_customer_id)
       VALUES ($1, 'stripe', $2) ON CONFLICT DO NOTHING`,
      [`cus_demo_${context.nextId().replaceAll('-', '').slice(-14)}`],
    ],
    [
      'clinical.subscriptions',
      `INSERT INTO clinical.subscriptions (clinic_id, plan, status, trial_ends_at, renews_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [
        random.pick(['starter', 'growth', 'pro']),
        trial ? 'TRIAL' : 'ACTIVE',
        trial ? ends : null,
        trial ? null : ends,
      ],
    ],
    [
      'clinical.clinic_config',
      `INSERT INTO clinical.clinic_config (clinic_id, version, config, why, changed_by, changed_at)
       SELECT $1, 1, $2::jsonb, 'First configuration, with the demo data', 'ringfence demo', $3
        WHERE NOT EXISTS (SELECT FROM clinical.clinic_config WHERE clinic_id = $1)`,
      [JSON.stringify(configOf(context)), now],
    ],
  ];
  for (const [table, sql, values] of statements) {
    const { rowCount } = await client.query(sql, [clinic.id, ...values]);
    counts.set(table, (counts.get(table) ?? 0) + (rowCount ?? 0));
  }
};

/** The eight dimensions of a clinic's configuration. */
const configOf = (context: ClinicContext) => {
  const { slug, id, name, city, vertical, ...dimensions } = clinicSchema.parse({
    slug: 'demo',
    name: 'demo',
    vertical: context.vertical,
    services: context.services.map((service) => ({
      id: slugOf(service.name.en),
      name: service.name[context.language],
      durationMinutes: service.durationMinutes,
      price: { min: service.minEur, max: service.maxEur },
    })),
  });
  return { ...dimensions, hours: context.clinic.hours };
};

const slugOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
