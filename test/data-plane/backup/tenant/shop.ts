import type pg from 'pg';

/** Tables of an application that say when a row was last changed. */
export const SHOP = ['shop.orders', 'shop.order_lines'];

/** When the orders of `plantOrders` were last changed; every third one does not say. */
const CHANGED_AT = '2026-03-01T09:00:00Z';

export const createShop = async (admin: pg.Pool): Promise<void> => {
  await admin.query(`
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (clinic_id uuid NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), patient_id uuid NOT NULL,
      number text NOT NULL, updated_at timestamptz, PRIMARY KEY (clinic_id, id), UNIQUE (clinic_id, number),
      FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients (clinic_id, id));
    CREATE TABLE shop.order_lines (clinic_id uuid NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), order_id uuid NOT NULL,
      pieces integer NOT NULL, updated_at timestamp, PRIMARY KEY (clinic_id, id),
      FOREIGN KEY (clinic_id, order_id) REFERENCES shop.orders (clinic_id, id));
    ALTER SCHEMA shop OWNER TO ringfence_owner;
    SELECT ringfence.protect('shop.orders');
    SELECT ringfence.protect('shop.order_lines');`);
};

/** One order with a line for each patient of the clinic. */
export const plantOrders = async (admin: pg.Pool, clinicId: string): Promise<void> => {
  await admin.query(
    `WITH made AS (INSERT INTO shop.orders (clinic_id, patient_id, number, updated_at)
       SELECT clinic_id, id, 'N-' || n, CASE WHEN n % 3 <> 0 THEN $2::timestamptz END
         FROM (SELECT clinic_id, id, row_number() OVER (ORDER BY id) AS n FROM clinical.patients WHERE clinic_id = $1) p
       RETURNING clinic_id, id, updated_at)
     INSERT INTO shop.order_lines (clinic_id, order_id, pieces, updated_at) SELECT clinic_id, id, 1, updated_at FROM made`,
    [clinicId, CHANGED_AT],
  );
};

/** $1 is the clinic; $2, from 1 to 5, says how many, and whether they are earlier, of no time, of the same, or later. */
const WHEN = `timestamptz '${CHANGED_AT}' + (ARRAY[-2, -1, NULL, 0, 1])[$2::int] * interval '1 hour'`;

/** Accidents and edits as in `DAMAGES`. */
export const SHOP_ACCIDENTS = {
  editOrders: `UPDATE shop.orders SET number = number || 'x', updated_at = ${WHEN} WHERE clinic_id = $1
    AND id IN (SELECT id FROM shop.orders WHERE clinic_id = $1 ORDER BY id LIMIT $2::int)`,
  editLines: `UPDATE shop.order_lines SET pieces = pieces + 1, updated_at = (${WHEN}) AT TIME ZONE 'UTC' WHERE clinic_id = $1
    AND id IN (SELECT id FROM shop.order_lines WHERE clinic_id = $1 ORDER BY id DESC LIMIT $2::int)`,
  turnOrders: `UPDATE shop.orders SET number = CASE number WHEN 'N-1' THEN 'N-2' ELSE 'N-7' END, updated_at = ${WHEN}
    WHERE clinic_id = $1 AND number IN ('N-1', 'N-2')`,
  giveOrders: `UPDATE shop.orders o SET patient_id = p.id, updated_at = ${WHEN} FROM clinical.patients p
    WHERE o.clinic_id = $1 AND p.clinic_id = $1 AND o.number = 'N-' || $2::int
      AND p.id = (SELECT max(id::text)::uuid FROM clinical.patients WHERE clinic_id = $1)`,
  deleteOrders: `WITH gone AS (SELECT id FROM shop.orders WHERE clinic_id = $1 ORDER BY id DESC LIMIT $2::int),
      lines AS (DELETE FROM shop.order_lines WHERE clinic_id = $1 AND order_id IN (SELECT id FROM gone))
    DELETE FROM shop.orders WHERE clinic_id = $1 AND id IN (SELECT id FROM gone)`,
  addOrders: `INSERT INTO shop.orders (clinic_id, patient_id, number, updated_at)
    SELECT clinic_id, id, gen_random_uuid(), now() FROM clinical.patients WHERE clinic_id = $1 LIMIT $2::int`,
} as const;

/** What has to go before a patient can. */
export const deleteOrdersOf = async (admin: pg.Pool, patientId: string): Promise<void> => {
  await admin.query(
    `WITH lines AS (DELETE FROM shop.order_lines l USING shop.orders o
       WHERE o.patient_id = $1 AND l.clinic_id = o.clinic_id AND l.order_id = o.id)
     DELETE FROM shop.orders WHERE patient_id = $1`,
    [patientId],
  );
};
