import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import type { CloudflareApi } from './api.js';
import type { CloudflareAccount } from './credentials.js';

const zoneSchema = z.object({ name: z.string(), account: z.object({ id: z.string() }) });
const scriptSchema = z.object({ id: z.string(), migration_tag: z.string().optional() });
const namespaceSchema = z.object({ id: z.string(), title: z.string() });
const routeSchema = z.object({ id: z.string(), pattern: z.string(), script: z.string().optional() });
const hostnameSchema = z.object({ id: z.string(), hostname: z.string() });
const recordSchema = z.object({ id: z.string(), name: z.string() });

/** The name of the zone. @throws RingfenceError `config_invalid` for a zone of another account; as `CloudflareApi.read`. */
export const zoneName = async (
  api: CloudflareApi,
  { accountId, zoneId }: Pick<CloudflareAccount, 'accountId' | 'zoneId'>,
): Promise<string> => {
  const { name, account } = await api.read(`/zones/${zoneId}`, zoneSchema);
  if (account.id === accountId) return name;
  throw new RingfenceError('config_invalid', `zone ${name} is of another account than ${accountId}`, {
    fix: 'set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_ZONE_ID of one account',
  });
};

/** The last migration of a Worker's classes; undefined without such a Worker, and for one without classes. */
export const migrationTag = async (
  api: CloudflareApi,
  { accountId }: Pick<CloudflareAccount, 'accountId'>,
  worker: string,
): Promise<string | undefined> => {
  const scripts = await api.read(`/accounts/${accountId}/workers/scripts`, z.array(scriptSchema));
  return scripts.find(({ id }) => id === worker)?.migration_tag;
};

/**
 * Ids that Cloudflare gave, by names that we gave. A route is ours where it leads to our Worker, and a custom hostname where such a route is:
 * others of the zone may be somebody else's.
 * @param options.outside whether hosts outside of the zone are among what is looked for.
 */
export const idsByName = async (
  api: CloudflareApi,
  { accountId, zoneId }: Pick<CloudflareAccount, 'accountId' | 'zoneId'>,
  {
    outside,
    worker,
    routeOf,
  }: {
    readonly outside: boolean;
    readonly worker: string;
    readonly routeOf: (host: string) => string;
  },
) => {
  const zone = `/zones/${zoneId}`;
  const namespaces = await api.list(`/accounts/${accountId}/storage/kv/namespaces`, namespaceSchema);
  // A zone without such hosts may refuse to tell of them.
  const routes = outside ? await api.read(`${zone}/workers/routes`, z.array(routeSchema)) : [];
  const hostnames = outside ? await api.list(`${zone}/custom_hostnames`, hostnameSchema) : [];
  const records = outside ? await api.list(`${zone}/dns_records`, recordSchema) : [];
  const ours = new Map(
    routes.filter(({ script }) => script === worker).map(({ pattern, id }) => [pattern, id]),
  );
  return {
    namespaces: new Map(namespaces.map(({ title, id }) => [title, id])),
    routes: ours,
    customHostnames: new Map(
      hostnames
        .filter(({ hostname }) => ours.has(routeOf(hostname)))
        .map(({ hostname, id }) => [hostname, id]),
    ),
    records: new Map(records.map(({ name, id }) => [name, id])),
  };
};
