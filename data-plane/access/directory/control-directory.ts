import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, openPool } from '../../database/connect.js';
import { translateDatabaseError } from '../../database/errors.js';
import { listenForChanges } from './change-listener.js';
import type { CellAddress, Departure, Directory, Located } from './directory.js';

const LOCATE = readFileSync(new URL('./queries/locate.sql', import.meta.url), 'utf8');
const CHANNEL = 'ringfence_directory';
const KEPT_CLINICS = 10_000;
const KEPT_MS = 300_000;

const SecuritySchema = z.object({
  mfaRequired: z.boolean().default(false),
  sessionMinutes: z.number().int().positive().nullable().default(null),
  allowedNetworks: z.array(z.string()).default([]),
});

export interface ControlDirectoryOptions {
  /** A login that may read `control.clinics` and `control.tenants` of the control database. */
  readonly control: Connection;
  /** Returns the application's connection to a cell. It is called again for each look-up of a clinic. */
  readonly cellAddress: (cell: string) => CellAddress | Promise<CellAddress>;
  readonly now?: () => Date;
}

interface Row {
  readonly tenantId: string;
  readonly cell: string;
  readonly epoch: number;
  readonly state: string;
  readonly security: unknown;
  readonly hasCustomerKey: boolean;
}

/**
 * The directory over the control database. What was found is kept while a connection of its own LISTENs for changes
 * (migrations/control/0002_directory.sql), for five minutes at most; while it does not listen, nothing is kept.
 */
export const controlDirectory = (options: ControlDirectoryOptions): Directory => {
  const { control, cellAddress, now = () => new Date() } = options;
  const pool = openPool(control, { max: 2, name: 'ringfence directory' });
  const kept = new Map<string, { located: Located; untilMs: number }>();
  const underWay = new Map<string, Promise<Located | undefined>>();
  const departures = new Set<(departure: Departure) => void>();
  const changed = new Set<(tenantId: string | undefined) => void>();
  let changes = 0;

  const forgetWhere = (matches: (located: Located) => boolean): void => {
    for (const [clinicId, { located }] of kept) if (matches(located)) kept.delete(clinicId);
  };
  const depart = async (tenantId: string | undefined, cell: string | undefined): Promise<void> => {
    const known = [...kept.values()].find(({ located }) => located.tenantId === tenantId);
    if (!known || cell === undefined) return;
    const destination = await cellAddress(cell);
    for (const told of departures) told({ located: known.located, destination });
    // The connection of the next look, which waits for nothing but its answer then.
    await pool.query('SELECT');
  };
  const listener = listenForChanges(control, CHANNEL, (payload) => {
    const [kind, name, cell] = payload?.split(' ') ?? [];
    if (kind === 'moving') {
      void depart(name, cell).catch(() => undefined);
      return;
    }
    changes++;
    // A lookup that began before the change must not be shared with requests that come after it.
    underWay.clear();
    if (kind === 'tenant') forgetWhere(({ tenantId }) => tenantId === name);
    else if (kind === 'cell') forgetWhere(({ cell }) => cell === name);
    else kept.clear();
    for (const told of changed) told(kind === 'tenant' ? name : undefined);
  });

  const look = async (clinicId: string): Promise<Located | undefined> => {
    const changesBefore = changes;
    const { rows } = await pool.query<Row>(LOCATE, [clinicId]).catch((error: unknown) => {
      throw translateDatabaseError(error);
    });
    const row = rows[0];
    if (!row) return undefined;
    const security = SecuritySchema.safeParse(row.security);
    if (!security.success) {
      throw new RingfenceError(
        'config_invalid',
        `the security policy of tenant ${row.tenantId} is malformed`,
        {
          fix: 'apply its manifest again',
          cause: security.error,
        },
      );
    }
    const address = await cellAddress(row.cell);
    const located = {
      ...address,
      clinicId,
      tenantId: row.tenantId,
      epoch: row.epoch,
      state: row.state,
      security: security.data,
      hasCustomerKey: row.hasCustomerKey,
    };
    if (listener.isListening() && changes === changesBefore) {
      if (kept.size >= KEPT_CLINICS) kept.clear();
      kept.set(clinicId, { located, untilMs: now().getTime() + KEPT_MS });
    }
    return located;
  };

  return {
    async locate(clinicId) {
      const known = kept.get(clinicId);
      if (known && known.untilMs > now().getTime()) return known.located;
      const shared = underWay.get(clinicId);
      if (shared) return shared;
      const looking = look(clinicId).finally(() => {
        if (underWay.get(clinicId) === looking) underWay.delete(clinicId);
      });
      underWay.set(clinicId, looking);
      return looking;
    },
    forget: (clinicId) => {
      kept.delete(clinicId);
    },
    onDeparture: (told) => {
      departures.add(told);
      return () => departures.delete(told);
    },
    onChange: (told) => {
      changed.add(told);
      return () => changed.delete(told);
    },
    close: async () => {
      await listener.close();
      await pool.end();
    },
  };
};
