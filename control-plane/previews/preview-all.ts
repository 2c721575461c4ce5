import pMap from 'p-map';
import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import { lostCells, runningCells } from '../cells/cells-up.js';
import { type CellDrift, driftChange, NO_DRIFT, readCellDrift } from '../cells/repair-cell.js';
import { type Cell, listCells } from '../cells/store.js';
import { NO_COST_CHANGE } from '../costs/cost-change.js';
import { lastAppliedOf } from '../deployments/store.js';
import { failureOf } from '../operation/failure.js';
import { loadExceptions } from '../policies/load-exceptions.js';
import { judgeManifest } from '../provisioning/judge-manifest.js';
import { inputsHash } from '../provisioning/tenant-run.js';
import { type Reason, whyAffected } from '../provisioning/why-affected.js';
import type { Runtime } from '../runtime.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';
import { type OpenBase, slugOf } from './base/open-base.js';
import { previewTenant, type TenantPreview } from './preview-tenant.js';
import { sinceBase } from './since-base.js';

/** The changes that a deployment of one tenant would make, or the reason why they are unknown. */
export type PreviewOutcome = {
  readonly slug: string;
  /** Which parts of its key differ; empty for one that a deployment would not change. */
  readonly why: readonly Reason[];
} & ({ readonly preview: TenantPreview } | { readonly error: RingfenceError });

/** What is previewed, and what it is compared with beside the last deployments. */
export interface PreviewRequest {
  readonly manifests: readonly LoadedManifest[];
  /** Of manifests that do not hold: what they would deploy is not known. */
  readonly failures: readonly RingfenceError[];
  readonly base?: OpenBase | undefined;
  /** Only these tenants; all without it. */
  readonly slugs?: ReadonlySet<string> | undefined;
}

export interface PreviewOptions {
  readonly concurrency: number;
  /** Reads the real resources of every tenant first. */
  readonly refresh: boolean;
}

/** What a deployment of all manifests would change. */
export interface PreviewReport {
  readonly base: Pick<OpenBase, 'ref' | 'commit'> | null;
  readonly tenants: readonly PreviewOutcome[];
  /** Tenants whose manifests the base has and the work tree lacks. A deployment leaves them as they are. */
  readonly gone: readonly string[];
  readonly failures: readonly RingfenceError[];
}

/** What is known of all tenants and cells, read once and not once a tenant. */
interface Known {
  readonly tenants: ReadonlyMap<string, RegisteredTenant>;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly drifts: ReadonlyMap<string, CellDrift | RingfenceError>;
  readonly lost: ReadonlySet<string>;
  readonly exceptions: readonly Exception[];
}

/**
 * Previews every manifest that differs from the base, or whose tenant differs from its last deployment, several at once. A failed
 * tenant or cell does not stop the others. Changes nothing, and takes no lock.
 */
export const previewAll = async (
  runtime: Runtime,
  { manifests, failures, base, slugs }: PreviewRequest,
  options: PreviewOptions,
): Promise<PreviewReport> => {
  const known = await readKnown(runtime);
  const asked = manifests.filter(({ tenant }) => !slugs || slugs.has(tenant.slug));
  const why = await explain(runtime, asked, base, known);
  const tenants = await pMap(
    asked,
    async (manifest): Promise<PreviewOutcome> => {
      const { slug } = manifest.tenant;
      const reasons = [
        ...(why.get(slug) ?? []),
        ...(options.refresh
          ? [{ part: 'refresh', against: 'reality', detail: 'it was asked for' } as const]
          : []),
      ];
      try {
        return {
          slug,
          why: reasons,
          preview: await previewOne(runtime, manifest, { known, reasons, ...options }),
        };
      } catch (error) {
        return { slug, why: reasons, error: failureOf(error, `tenant ${slug}`) };
      }
    },
    { concurrency: options.concurrency },
  );
  const untrusted = [...(base?.untrusted ?? [])].flatMap(([name, error]): PreviewOutcome[] => {
    const slug = slugOf(name);
    const reason: Reason = { part: 'manifest', against: 'base', detail: 'it was not opened' };
    return !slugs || slugs.has(slug) ? [{ slug, why: [reason], error }] : [];
  });
  return {
    base: base ? { ref: base.ref, commit: base.commit } : null,
    tenants: [...tenants, ...untrusted].sort((one, other) => (one.slug < other.slug ? -1 : 1)),
    gone: base ? goneSince(base, slugs) : [],
    failures,
  };
};

const readKnown = async (runtime: Runtime): Promise<Known> => {
  const drifts = new Map<string, CellDrift | RingfenceError>();
  for (const name of await runningCells(runtime))
    drifts.set(
      name,
      await readCellDrift(runtime, name).catch((error: unknown) => failureOf(error, `cell ${name}`)),
    );
  return {
    tenants: new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant])),
    cells: new Map((await listCells(runtime.control)).map((cell) => [cell.name, cell])),
    drifts,
    lost: await lostCells(runtime),
    exceptions: await loadExceptions(runtime),
  };
};

/** Checkpoints, which may be objects in S3. */
const READ_AT_ONCE = 8;

/** Why each tenant is affected, by its slug. */
const explain = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  base: OpenBase | undefined,
  { tenants, drifts, exceptions }: Known,
): Promise<ReadonlyMap<string, readonly Reason[]>> => {
  const changed = manifests.flatMap((manifest) => {
    const tenant = tenants.get(manifest.tenant.slug);
    return tenant && tenant.inputsHash !== inputsHash(manifest, tenant) ? [tenant.id] : [];
  });
  const deployed = await lastAppliedOf(runtime.control, changed);
  const explained = await pMap(
    manifests,
    async (manifest): Promise<[string, readonly Reason[]]> => {
      const { slug } = manifest.tenant;
      const tenant = tenants.get(slug);
      const drift = tenant && drifts.get(tenant.cell);
      return [
        slug,
        [
          ...(base ? sinceBase(base, manifest, exceptions) : []),
          ...(await whyAffected(runtime, manifest, tenant, tenant && deployed.get(tenant.id))),
          ...(tenant && drift ? driftReasons(tenant, drift) : []),
        ],
      ];
    },
    { concurrency: READ_AT_ONCE },
  );
  return new Map(explained);
};

const driftReasons = ({ id }: RegisteredTenant, drift: CellDrift | RingfenceError): Reason[] => {
  const really = (detail: string): Reason => ({ part: 'drift', against: 'reality', detail });
  if (drift instanceof Error) return [really('its cell cannot be inspected')];
  return [
    ...(drift.tenantIds.has(id) ? [really('its cell has it otherwise than it was deployed')] : []),
    ...(drift.isOtherSize ? [really('its cell is not of the size in its manifest')] : []),
  ];
};

const previewOne = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  { known, reasons, refresh }: { known: Known; reasons: readonly Reason[]; refresh: boolean },
): Promise<TenantPreview> => {
  const tenant = known.tenants.get(manifest.tenant.slug);
  const cell = tenant && known.cells.get(tenant.cell);
  const drift = (cell && known.drifts.get(cell.name)) ?? NO_DRIFT;
  if (drift instanceof Error) throw drift;
  if (reasons.length > 0 || !tenant || !cell || known.lost.has(cell.name))
    return previewTenant(runtime, manifest, { refresh, drift, isAffected: true });
  return {
    slug: tenant.slug,
    cell: cell.name,
    region: cell.region,
    tier: cell.tier,
    unaffected: true,
    adopts: false,
    cellChanges: driftChange(drift),
    resize: null,
    costChange: NO_COST_CHANGE,
    changes: [],
    judgements: judgeManifest(manifest, known.exceptions),
  };
};

/** Of both forms that a manifest's name may have, one is enough. */
const goneSince = ({ manifests, present }: OpenBase, slugs: ReadonlySet<string> | undefined): string[] =>
  [...manifests.keys()].filter((slug) => !present.has(slug) && (!slugs || slugs.has(slug))).sort();
