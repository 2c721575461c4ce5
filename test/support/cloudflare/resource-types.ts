/** Where a resource type of @pulumi/cloudflare is described by others, by their names. */
export interface ResourceType {
  /** As Terraform names it, and with it `@cdktf/provider-cloudflare`. */
  readonly terraform: string;
  /** Inputs that Terraform's provider replaces it for. Its metadata do not say that. */
  readonly replacedBy: readonly string[];
}

/** The resource types that the edge uses, by their tokens. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'cloudflare:index/customHostname:CustomHostname': {
    terraform: 'cloudflare_custom_hostname',
    replacedBy: ['hostname', 'zoneId'],
  },
  'cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin': {
    terraform: 'cloudflare_custom_hostname_fallback_origin',
    replacedBy: ['zoneId'],
  },
  'cloudflare:index/dnsRecord:DnsRecord': {
    terraform: 'cloudflare_dns_record',
    replacedBy: ['zoneId'],
  },
  'cloudflare:index/workersCustomDomain:WorkersCustomDomain': {
    terraform: 'cloudflare_workers_custom_domain',
    replacedBy: ['accountId', 'hostname', 'zoneId'],
  },
  'cloudflare:index/workersKv:WorkersKv': {
    terraform: 'cloudflare_workers_kv',
    replacedBy: ['accountId', 'keyName', 'namespaceId'],
  },
  'cloudflare:index/workersKvNamespace:WorkersKvNamespace': {
    terraform: 'cloudflare_workers_kv_namespace',
    replacedBy: ['accountId'],
  },
  'cloudflare:index/workersRoute:WorkersRoute': {
    terraform: 'cloudflare_workers_route',
    replacedBy: ['zoneId'],
  },
  'cloudflare:index/workersScript:WorkersScript': {
    terraform: 'cloudflare_workers_script',
    replacedBy: ['accountId', 'scriptName'],
  },
};
