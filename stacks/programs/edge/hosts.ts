import { CustomHostname } from '@pulumi/cloudflare/customHostname.js';
import { CustomHostnameFallbackOrigin } from '@pulumi/cloudflare/customHostnameFallbackOrigin.js';
import { DnsRecord } from '@pulumi/cloudflare/dnsRecord.js';
import { WorkersCustomDomain } from '@pulumi/cloudflare/workersCustomDomain.js';
import { WorkersRoute } from '@pulumi/cloudflare/workersRoute.js';
import type { WorkersScript } from '@pulumi/cloudflare/workersScript.js';
import type * as pulumi from '@pulumi/pulumi';
import { isInZone } from './names.js';
import type { EdgeScope } from './scope.js';

/** An address of which nothing answers (RFC 6666): the Worker does before anybody would ask it. */
const NOWHERE = '100::';
const TTL_AUTOMATIC = 1;

/**
 * Sends a host to the Worker, with a certificate of its own. A host outside of the zone is its owner's to point at the entrance;
 * Cloudflare checks over HTTP that it does before it issues the certificate.
 * @param entrance of the hosts outside of the zone.
 */
export const openHost = (
  { inputs, names, options }: EdgeScope,
  host: string,
  to: {
    readonly worker: WorkersScript;
    readonly entrance: pulumi.Resource | undefined;
    /** What has to be there before. */
    readonly after: readonly pulumi.Resource[];
  },
): void => {
  const { accountId, zoneId, zone } = inputs;
  const { worker } = to;
  const dependsOn = [...to.after, ...(to.entrance === undefined ? [] : [to.entrance])];
  if (isInZone(host, zone)) {
    const domain = { accountId, zoneId, hostname: host, service: worker.scriptName };
    new WorkersCustomDomain(`domain-${host}`, domain, { ...options, dependsOn: [...to.after] });
    return;
  }
  const certificate = { method: 'http', type: 'dv', settings: { minTlsVersion: '1.2' } };
  const route = new WorkersRoute(
    `route-${host}`,
    { zoneId, pattern: names.route(host), script: worker.scriptName },
    { ...options, dependsOn },
  );
  new CustomHostname(
    `hostname-${host}`,
    { zoneId, hostname: host, ssl: certificate },
    { ...options, dependsOn: [route] },
  );
};

/** Where hosts outside of the zone point. A zone has one. */
export const openEntrance = ({ inputs, names, options }: EdgeScope): pulumi.Resource => {
  const { zoneId, zone } = inputs;
  const name = names.entrance(zone);
  const record = new DnsRecord(
    'entrance',
    { zoneId, name, type: 'AAAA', content: NOWHERE, proxied: true, ttl: TTL_AUTOMATIC },
    options,
  );
  return new CustomHostnameFallbackOrigin('entrance', { zoneId, origin: record.name }, options);
};
