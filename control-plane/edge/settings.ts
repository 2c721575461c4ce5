import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { SLUG_PATTERN } from '../../core/ids.js';
import { hostname } from '../../manifest/primitives.js';
import { origin } from '../../targets/edge/document/tenant-entry.js';
import type { Project } from '../project/project.js';

const FILE = 'edge.yaml';

const DEFAULT_NAME = 'main';

const schema = z.strictObject({
  name: z
    .string()
    .regex(SLUG_PATTERN, 'is not a slug')
    .default(DEFAULT_NAME)
    .describe('of its stack, and of its Worker'),
  domain: hostname.describe('a tenant is at <slug>.<domain>, beside the domain of its own'),
  operatorHost: hostname.optional().describe('where the operator reads reports; edge.<domain> when left out'),
  requestCostMicroEur: z
    .int()
    .nonnegative()
    .default(0)
    .describe('what a request costs, in millionths of a euro'),
  origins: z.record(z.string(), origin).describe('where the application of each cell answers'),
  cloudflare: z
    .strictObject({ accountId: z.string().optional(), zoneId: z.string().optional() })
    .default({})
    .describe('where it is deployed, unless CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_ZONE_ID say otherwise'),
});

/** What the edge needs to know beyond the manifests: `edge.yaml` beside `tenants/`. */
export interface EdgeSettings {
  readonly name: string;
  readonly domain: string;
  readonly operatorHost: string;
  readonly requestCostMicroEur: number;
  /** By cell. */
  readonly origins: ReadonlyMap<string, string>;
  readonly cloudflare: { readonly accountId?: string | undefined; readonly zoneId?: string | undefined };
  readonly changedAt: Date;
}

/** Whether a project says how its edge is, well or not. */
export const hasEdgeSettings = ({ root }: Project): boolean => existsSync(join(root, FILE));

/** @returns undefined for a project without an edge. @throws RingfenceError `config_invalid` */
const findEdgeSettings = async ({ root }: Project): Promise<EdgeSettings | undefined> => {
  const path = join(root, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw invalid(`it cannot be read: ${error.code}`);
  });
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseYaml(text));
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { domain, operatorHost = `edge.${domain}`, origins, ...others } = parsed.data;
  return {
    ...others,
    domain,
    operatorHost,
    origins: new Map(Object.entries(origins)),
    changedAt: (await stat(path)).mtime,
  };
};

/** @throws RingfenceError `config_invalid`, also for a project without an edge. */
export const edgeSettings = async (project: Project): Promise<EdgeSettings> => {
  const settings = await findEdgeSettings(project);
  if (settings) return settings;
  throw invalid('it is not there');
};

const parseYaml = (text: string): unknown => {
  try {
    return parse(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
};

const invalid = (why: string): RingfenceError =>
  new RingfenceError('config_invalid', `${FILE} does not say how the edge is: ${why}`, {
    fix: `write it beside tenants/: \`domain: clinics.example\`, and under \`origins\` the address of each cell's application (docs/edge.md)`,
  });
