const PREFIX = 'ringfence-edge';

/** Names of what an edge has in Cloudflare. They follow from the edge, so that a second run finds the work of a first one. */
export const edgeNames = (edge: string) => ({
  worker: `${PREFIX}-${edge}`,
  tenants: `${PREFIX}-${edge}-tenants`,
  /** Where hosts outside of the zone point. */
  entrance: (zone: string) => `${PREFIX}-${edge}.${zone}`,
  route: (host: string) => `${host}/*`,
});

/** Whether a host is the zone's own, so that Cloudflare makes its record and its certificate. */
export const isInZone = (host: string, zone: string): boolean => host === zone || host.endsWith(`.${zone}`);
