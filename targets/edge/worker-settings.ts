/** How the runtime behaves for the Worker, here and as it is deployed. The newest date that the runtime of this machine knows. */
export const COMPATIBILITY_DATE = '2026-05-03';

/** The class of the object that counts for a tenant. It is stored under this name for ever. */
export const LIMITS_CLASS = 'TenantLimits';

/** Names by which the Worker knows what it is given. */
export const BINDINGS = {
  limits: 'LIMITS',
  tenants: 'TENANTS',
  operatorHost: 'OPERATOR_HOST',
  operatorKey: 'OPERATOR_KEY',
  originKey: 'ORIGIN_KEY',
} as const;

/** The secrets of the whole edge; no tenant's is among them. */
export interface EdgeKeys {
  /** Who shows it reads reports. */
  readonly operator: string;
  /** The Worker shows it to origins. */
  readonly origin: string;
}
