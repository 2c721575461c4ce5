/** What an application imports as `ringfence/access`: the one door to a clinic's data. */
export { type ErrorCode, type QuotaRefusal, RingfenceError } from '../../tenants/errors.js';
export { StatementRefused } from './context/database-refusals.js';
export { currentTenant, type TenantContext } from './context/tenant-scope.js';
export { type Access, type AccessOptions, createAccess, type RunOptions } from './create-access.js';
export { type ControlDirectoryOptions, controlDirectory } from './directory/control-directory.js';
export type { CellAddress, Directory, Located } from './directory/directory.js';
export { type LocalProject, openLocalProject } from './directory/local-project.js';
export { clinicListener, type NodeHttpOptions, type Reply } from './http/node.js';
export { type RefusalResponse, refusalResponse } from './http/refusal-response.js';
export { AccessRefusal, type RefusalReason } from './refusal.js';
export type { RefusalHook, ReportedRefusal } from './refusal-reporter.js';
export type { SealedColumn, SealedColumns } from './sealed/sealed-columns.js';
export type { SealedFields } from './sealed/sealed-fields.js';
export type { PlainRow, SealedRows } from './sealed/sealed-rows.js';
export type { SecurityPolicy } from './security-policy.js';
export type { TenantDatabase } from './tenant-database.js';
export { ALGORITHMS, type Algorithm, type TokenRules } from './token/verify-token.js';
