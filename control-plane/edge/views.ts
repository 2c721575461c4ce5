import { z } from 'zod';

export { edgeDocument as edgeConfigView } from '../../targets/edge/document/edge-document.js';

/** An edge of this machine that answers now. */
export const localEdgeView = z.strictObject({
  url: z.url(),
  operatorHost: z.string(),
  operatorKey: z.string().describe('reads reports until this edge ends'),
  tenants: z.array(z.string()).describe('each is at <tenant>.localhost'),
});
