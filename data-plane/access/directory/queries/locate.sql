-- A control database of an earlier version has neither epochs nor keys of customers.
SELECT t.id AS "tenantId", t.cell, coalesce((to_jsonb(t) ->> 'epoch')::integer, 1) AS epoch, t.state, t.security,
       to_jsonb(t) ->> 'customer_key' IS NOT NULL AS "hasCustomerKey"
  FROM control.clinics c
  JOIN control.tenants t ON t.id = c.tenant_id
 WHERE c.id = $1
   AND t.state NOT IN ('provisioning', 'removed')
