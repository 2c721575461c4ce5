import type { Difference } from '../../data-plane/database/defences.js';
import type { LoadedManifest } from '../../manifest/index.js';
import type { BackupSummary } from '../backups/backup-tenant.js';
import type { BackupRecord } from '../backups/store.js';
import type { Cell } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import type { OperationKind } from '../operation/kinds.js';
import type { RegisteredTenant } from '../tenants/store.js';
import type { ProvenIsolation } from './prove-isolation.js';

export type DeploymentKind = Extract<OperationKind, 'add' | 'apply' | 'restore-removed'>;

/** The findings of the steps of a deployment. */
interface Found {
  /** `user` is the tenant's own login, where its manifest asks for one. */
  readonly connection: { host: string; port: number; database: string; user: string | null };
  readonly isolation: ProvenIsolation;
  /** Null when an earlier verified backup was enough. */
  readonly backup: BackupSummary | null;
  readonly deployMs: number;
}

/** The result of a deployment, for people and programs. It holds no secret. */
export interface DeploymentSummary extends Found {
  readonly slug: string;
  readonly tenantId: string;
  readonly cell: string;
  readonly region: string;
  readonly tier: 'shared' | 'dedicated';
}

export interface DeploymentOptions {
  readonly kind: DeploymentKind;
  /** The reason, in the words of the caller. */
  readonly why?: string | undefined;
  /** Looks at the real resources first: what was changed by hand is put back. */
  readonly refresh?: boolean | undefined;
  /** URNs of data that may be replaced or deleted. */
  readonly allowReplace?: readonly string[];
  /** Rows to bring back before the first backup is taken; the tenant has none yet. */
  readonly rows?: BackupRecord;
  /** The tenant shall be suspended again, as before its removal. */
  readonly suspendAgain?: string;
  readonly onStep?: (step: string) => void;
  readonly onChange?: (change: ResourceChange) => void;
  /** A defence of the cell was put back to what its release says. */
  readonly onMended?: (difference: Difference) => void;
}

export interface DeploymentRequest {
  readonly manifest: LoadedManifest;
  readonly options: DeploymentOptions;
}

/** The context that the steps of a deployment share. Each step writes its findings into it. */
export interface Provisioning extends DeploymentRequest {
  readonly cell: Cell;
  readonly tenant: RegisteredTenant;
  /** Its number, once it was begun. */
  deployment?: number;
  readonly found: { -readonly [Name in keyof Found]?: Found[Name] };
}

/** Of a deployment whose steps are all done. */
export const summarise = ({ cell, tenant, found }: Provisioning): DeploymentSummary => ({
  slug: tenant.slug,
  tenantId: tenant.id,
  cell: tenant.cell,
  region: cell.region,
  tier: tenant.tier,
  ...(found as Found),
});
