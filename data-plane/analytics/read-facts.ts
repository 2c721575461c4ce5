import type pg from 'pg';
import { VERTICALS } from '../../manifest/dimensions/compliance.js';
import type { Fact } from './cells.js';
import type { Cube } from './cubes.js';
import type { Member } from './panel.js';

/** The tenants of the cell and the verticals of their open clinics, in the order of enrolment. */
export const readMembers = async (client: pg.ClientBase): Promise<Member[]> => {
  const { rows } = await client.query<Member>(
    `SELECT c.vertical, t.id AS "tenantId"
       FROM ringfence.tenants t JOIN ringfence.clinics c ON c.tenant_id = t.id
      WHERE t.state = 'active' AND c.state = 'active' ORDER BY t.created_at, t.id, c.vertical`,
  );
  return rows.map(known);
};

/** Reads each tenant's share in each leaf of the cube in a month (`2026-10`) of its clinics' own time zones. */
export const readFacts = async (client: pg.ClientBase, cube: Cube, month: string): Promise<Fact[]> => {
  const { rows } = await client.query<Fact>(factsOf(cube), [`${month}-01`, cube.perPatientMax]);
  return rows.map(known);
};

const factsOf = ({ bands, events }: Cube): string => `
  WITH patient AS (
    SELECT c.tenant_id, c.vertical, ${bands.expression} AS band, least(sum(e.amount), $2::numeric) AS value
      FROM (${events}) e
      JOIN ringfence.clinics c ON c.id = e.clinic_id AND c.state = 'active'
      JOIN ringfence.tenants t ON t.id = c.tenant_id AND t.state = 'active'
      JOIN clinical.patients p ON p.clinic_id = e.clinic_id AND p.id = e.patient_id
     CROSS JOIN (SELECT $1::date AS month) m
     WHERE e.at AT TIME ZONE c.time_zone >= month AND e.at AT TIME ZONE c.time_zone < month + interval '1 month'
     GROUP BY c.tenant_id, c.vertical, p.clinic_id, p.id, band)
  SELECT tenant_id AS "tenantId", vertical, band, count(*)::float8 AS patients, sum(value)::float8 AS value
    FROM patient WHERE band IS NOT NULL GROUP BY tenant_id, vertical, band`;

/** A vertical that the vocabulary does not know counts as general. */
const known = <T extends { readonly vertical: string }>(row: T): T => ({
  ...row,
  vertical: VERTICALS.find((vertical) => vertical === row.vertical) ?? 'general',
});
