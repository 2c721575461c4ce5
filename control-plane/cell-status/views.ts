import { z } from 'zod';
import { bySetting } from '../../data-plane/database/server/size/settings.js';
import { cellView } from '../cells/views.js';
import { moment } from '../view.js';

const found = {
  state: z.enum(['running', 'stopped', 'absent', 'unreachable', 'lost']),
  host: z.string().nullable(),
};

export const listedCellsView = z.array(
  cellView
    .pick({ name: true, tier: true, region: true, target: true, rdsInstance: true, port: true, size: true })
    .extend({
      ...found,
      on: z.string().describe('`this machine`, or the name of its server'),
      tenants: z.int(),
    }),
);

export const cellLookView = cellView.extend({
  ...found,
  database: z
    .strictObject({
      version: z.string(),
      archiving: z.enum(['on', 'off', 'failing']),
      sizeBytes: z.number(),
      connections: z.int(),
      maxConnections: z.int(),
      tenants: z.int(),
      clinics: z.int(),
      tenantTables: z.int(),
      uptimeSeconds: z.number(),
    })
    .nullable(),
  settings: z
    .strictObject(bySetting(() => z.number()))
    .nullable()
    .describe('the settings that its size decides, as they are in use; memory in MiB'),
  replica: z
    .strictObject({
      state: z
        .enum(['streaming', 'detached', 'stopped'])
        .describe('detached: it gets nothing from its primary'),
      port: z.int().nullable(),
      lagBytes: z
        .number()
        .nullable()
        .describe('WAL that it has not replayed yet; null where that is unknown'),
      lagSeconds: z.number().nullable().describe('null where that is unknown'),
    })
    .nullable(),
  history: z
    .strictObject({ from: moment, to: moment })
    .nullable()
    .describe('any second of it can be restored'),
  kept: z.array(z.string()).describe('folders that are kept aside'),
  problems: z.array(z.string()),
});
