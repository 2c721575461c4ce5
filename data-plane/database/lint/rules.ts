/** A way in which a schema breaks isolation; its query is `rules/<id>.sql`. */
export interface Rule {
  /** Stable: reports, tests and CI configurations match on it. */
  readonly id: string;
  /** Items of the list of known breaks, docs/threats.md. */
  readonly isolation: readonly number[];
  readonly about: string;
}

/** Every rule of the schema lint, in the order of its report: roles, tables, policies, code, grants, keys, server. */
export const RULES: readonly Rule[] = [
  { id: 'role-attributes', isolation: [1], about: 'roles of applications have no attribute above policies' },
  { id: 'role-ownership', isolation: [1], about: 'roles of applications own nothing' },
  { id: 'role-membership', isolation: [1, 13], about: 'logins are members of nothing but ringfence_tenant' },
  {
    id: 'role-set-option',
    isolation: [13],
    about: 'tenant logins cannot become or pass on ringfence_tenant',
  },
  { id: 'gate-member', isolation: [12, 13], about: 'nobody has the rights of ringfence_gate' },
  {
    id: 'stored-setting',
    isolation: [38],
    about: "the application's login begins its sessions as the cell says",
  },
  { id: 'login-limit', isolation: [19], about: 'every tenant login has a connection limit' },

  { id: 'unknown-table', isolation: [2, 3], about: 'every table is a tenant table or a global one' },
  { id: 'catalogue', isolation: [2], about: 'the catalogue of tables names what is there, once' },
  { id: 'table-owner', isolation: [1], about: 'tenant tables belong to ringfence_owner' },
  { id: 'clinic-column', isolation: [2], about: 'clinic_id is a uuid and never NULL' },
  {
    id: 'force-rls',
    isolation: [1, 2, 16],
    about: 'row-level security is enabled and forced, on children too',
  },
  {
    id: 'boundary-policy',
    isolation: [17],
    about: 'one restrictive policy keeps each clinic to its own rows',
  },
  { id: 'extra-policy', isolation: [17], about: 'no permissive policy besides our own' },

  { id: 'view-security-invoker', isolation: [3], about: 'views read tenant tables as their caller' },
  { id: 'materialised-view', isolation: [3], about: 'no materialised view copies tenant rows' },
  {
    id: 'definer-function',
    isolation: [3],
    about: 'SECURITY DEFINER functions were reviewed, and none is hidden in a schema of Postgres',
  },
  { id: 'definer-search-path', isolation: [3], about: 'SECURITY DEFINER functions pin search_path' },
  { id: 'definer-public', isolation: [3], about: 'SECURITY DEFINER functions are not for PUBLIC' },
  { id: 'leakproof-function', isolation: [9], about: 'no function runs before the policy' },
  { id: 'immutable-context', isolation: [10], about: 'functions that read the context are not IMMUTABLE' },
  {
    id: 'context-function',
    isolation: [10, 12],
    about: 'current_clinic and enter are as the migrations made them',
  },
  { id: 'context-setting', isolation: [12], about: 'only ringfence_gate may write the context' },
  { id: 'stored-context', isolation: [11, 12], about: 'no role, database or server keeps a context' },
  { id: 'trigger-owner', isolation: [3], about: 'triggers run functions of the schema owners' },
  { id: 'write-triggers', isolation: [2], about: 'writes to tenant tables are checked, audited and counted' },
  { id: 'table-rule', isolation: [3], about: 'tables have no rewrite rules' },

  {
    id: 'forbidden-grant',
    isolation: [4],
    about: 'TRUNCATE, REFERENCES, TRIGGER and MAINTAIN are never granted',
  },
  {
    id: 'append-only',
    isolation: [4],
    about: 'append-only tables are not changed, the audit log and subscriptions not written by applications',
  },
  { id: 'public-grant', isolation: [2, 4, 14], about: 'PUBLIC has no right on tables and schemas' },
  { id: 'column-grant', isolation: [4], about: 'no rights on single columns' },
  { id: 'child-grant', isolation: [16], about: 'partitions and children are not granted' },
  {
    id: 'global-table-grant',
    isolation: [2, 4],
    about: "global tables are read-only, the cell's own are private",
  },
  {
    id: 'control-function-grant',
    isolation: [3, 12],
    about: 'only reviewed functions of ringfence can be run',
  },
  { id: 'default-privilege', isolation: [2, 4], about: 'new objects come without rights for applications' },

  { id: 'unique-key', isolation: [6, 7], about: 'unique keys and exclusion constraints lead with clinic_id' },
  { id: 'primary-key', isolation: [6, 7], about: 'primary keys lead with clinic_id' },
  { id: 'foreign-key', isolation: [5], about: 'foreign keys between tenant tables lead with clinic_id' },
  { id: 'foreign-key-target', isolation: [5], about: 'foreign keys of tenant tables stay in the catalogue' },
  { id: 'sequence', isolation: [8], about: 'no counter runs over every clinic' },

  {
    id: 'definition-guard',
    isolation: [38],
    about: 'definitions and grants are kept to the administrator by an event trigger',
  },
  { id: 'other-database', isolation: [39], about: 'the logins of applications open no other database' },
  { id: 'database-privilege', isolation: [11, 14], about: 'no TEMP or CREATE on the database' },
  { id: 'schema-create', isolation: [12, 14], about: 'no CREATE on schemas, nothing in ringfence_private' },
  {
    id: 'session-function',
    isolation: [9, 14, 19],
    about: 'functions that reach other sessions are not for applications',
  },
  { id: 'session-view', isolation: [9, 14], about: 'views of other sessions are not for applications' },
  { id: 'publication', isolation: [15], about: 'publications of tenant tables are filtered by clinic_id' },
  { id: 'language', isolation: [14], about: 'applications write no code in the database' },
  {
    id: 'foreign-data',
    isolation: [3, 14],
    about: 'applications open no connection or file from the database',
  },
  { id: 'plan-module', isolation: [8, 40], about: 'the server explains no statements of applications' },
  { id: 'as-released', isolation: [38, 46], about: 'every defence is as this release made it' },
];
