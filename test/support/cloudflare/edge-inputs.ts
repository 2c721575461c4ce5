import { type EdgeInputs, edgeInputs } from '../../../stacks/programs/edge/inputs.js';
import { ACCOUNT_ID, ZONE, ZONE_ID } from './stand-in/account.js';

export const KEYS = { operator: 'operator-key-of-the-test-edge', origin: 'origin-key-of-the-test-edge' };

/** An edge of two clinics, one with a host of its own outside of the zone. */
export const testEdge = (changes: Partial<EdgeInputs> = {}): EdgeInputs =>
  edgeInputs.parse({
    edge: 'main',
    accountId: ACCOUNT_ID,
    zoneId: ZONE_ID,
    zone: ZONE,
    operatorHost: `edge.${ZONE}`,
    entries: {
      [`uno.${ZONE}`]: '{"tenant":"uno"}',
      [`dos.${ZONE}`]: '{"tenant":"dos"}',
      'citas.dos.example': '{"tenant":"dos"}',
    },
    script: 'export class TenantLimits {}; export default {};',
    hasObjects: false,
    ...changes,
  });
