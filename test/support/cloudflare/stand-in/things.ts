import { createHash } from 'node:crypto';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import type { Cloud, CloudThing } from '../../aws/stand-in/cloud.js';
import { ZONE, ZONE_ID } from './account.js';

/** A refusal of Cloudflare: its code, and its words. */
type Refusal = readonly [code: number, message: string];

/** How Cloudflare makes a thing of a type. */
export interface Thing {
  id(inputs: Properties): string;
  /** What Cloudflare computes of it. */
  computed?(inputs: Properties, before: CloudThing | undefined): Properties;
  /** A reason not to make or change it so. */
  refused?(inputs: Properties, cloud: Cloud, before: CloudThing | undefined): Refusal | undefined;
  /** Of one that cannot be made twice: what is said of the second. */
  readonly twice?: Refusal;
}

const text = (value: unknown): string => String(value ?? '');
const hash = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

export const SCRIPT = 'cloudflare:index/workersScript:WorkersScript';
export const NAMESPACE = 'cloudflare:index/workersKvNamespace:WorkersKvNamespace';
export const RECORD = 'cloudflare:index/dnsRecord:DnsRecord';
export const ROUTE = 'cloudflare:index/workersRoute:WorkersRoute';
export const HOSTNAME = 'cloudflare:index/customHostname:CustomHostname';

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly className?: string;
  readonly namespaceId?: string;
}

const isOfZone = (host: unknown): boolean => text(host) === ZONE || text(host).endsWith(`.${ZONE}`);

const noScript = (script: unknown, cloud: Cloud): Refusal | undefined =>
  cloud.find(SCRIPT, text(script)) ? undefined : [10_007, 'This Worker does not exist on your account.'];

/** A class is made by a migration, once, and verified by the tag of the last one at each later. */
const refusedClasses = (inputs: Properties, before: CloudThing | undefined): Refusal | undefined => {
  const migrations = inputs.migrations as { oldTag?: string; newSqliteClasses?: string[] } | undefined;
  const tag = before?.attributes.migrationTag as string | undefined;
  if (migrations && migrations.oldTag !== tag)
    return [
      10_079,
      `Actor migration tag precondition failed, got tag '${migrations.oldTag ?? ''}' when expected tag is '${tag ?? ''}'.`,
    ];
  const known = [
    ...((before?.attributes.classes as string[] | undefined) ?? []),
    ...(migrations?.newSqliteClasses ?? []),
  ];
  const missing = (inputs.bindings as Binding[]).find(
    ({ type, className = '' }) => type === 'durable_object_namespace' && !known.includes(className),
  );
  if (missing)
    return [
      10_061,
      `Cannot create binding for class '${missing.className}'. Did you forget to apply a migration?`,
    ];
  const absent = known.find((name) => !text(inputs.content).includes(name));
  return absent === undefined ? undefined : [10_070, `the script does not export class '${absent}'`];
};

/** What Cloudflare knows of the types, beside what is written of their inputs. */
export const THINGS: Readonly<Record<string, Thing>> = {
  [NAMESPACE]: {
    id: ({ title }) => hash('namespace', title),
    computed: () => ({ supportsUrlEncoding: true }),
    twice: [10_014, 'a namespace with this account ID and title already exists'],
  },
  'cloudflare:index/workersKv:WorkersKv': {
    id: ({ keyName }) => text(keyName),
    refused: ({ namespaceId }, cloud) =>
      cloud.find(NAMESPACE, text(namespaceId)) ? undefined : [10_013, 'namespace not found'],
  },
  [SCRIPT]: {
    id: ({ scriptName }) => text(scriptName),
    refused: (inputs, cloud, before) => {
      const missing = (inputs.bindings as Binding[]).find(
        ({ type, namespaceId = '' }) => type === 'kv_namespace' && !cloud.find(NAMESPACE, namespaceId),
      );
      return missing ? [10_041, `KV namespace of ${missing.name} not found`] : refusedClasses(inputs, before);
    },
    computed: ({ migrations, content }, before) => {
      const { newTag, newSqliteClasses = [] } = (migrations ?? {}) as {
        newTag?: string;
        newSqliteClasses?: string[];
      };
      return {
        etag: hash(content),
        migrationTag: newTag ?? before?.attributes.migrationTag,
        classes: [...((before?.attributes.classes as string[] | undefined) ?? []), ...newSqliteClasses],
      };
    },
  },
  'cloudflare:index/workersCustomDomain:WorkersCustomDomain': {
    id: ({ hostname }) => hash('domain', hostname),
    computed: () => ({ zoneName: ZONE }),
    refused: ({ hostname, service }, cloud) =>
      isOfZone(hostname)
        ? noScript(service, cloud)
        : [100_116, `${text(hostname)} is not a host of the zone`],
  },
  [ROUTE]: {
    id: ({ pattern }) => hash('route', pattern),
    refused: ({ script }, cloud) => noScript(script, cloud),
    twice: [10_020, 'A route with the same pattern already exists.'],
  },
  [HOSTNAME]: {
    id: ({ hostname }) => hash('hostname', hostname),
    computed: () => ({ status: 'pending' }),
    refused: ({ hostname }) =>
      isOfZone(hostname)
        ? [1_411, 'Custom hostname does not meet requirements: it is in the zone']
        : undefined,
    twice: [1_406, 'Duplicate custom hostname found.'],
  },
  [RECORD]: {
    id: ({ name }) => hash('record', name),
    refused: ({ name }) => (isOfZone(name) ? undefined : [9_005, 'DNS name is invalid.']),
    twice: [81_058, 'An identical record already exists.'],
  },
  'cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin': {
    id: () => ZONE_ID,
    computed: () => ({ status: 'active' }),
    refused: ({ origin }, cloud) => {
      const record = cloud.find(RECORD, hash('record', origin));
      return record?.attributes.proxied === true
        ? undefined
        : [1_415, `the fallback origin ${text(origin)} has no proxied record`];
    },
  },
};
