import { z } from 'zod';
import { RingfenceError } from '../core/errors.js';
import type { Size } from '../core/sizes.js';
import type { ServerSettings } from '../data-plane/database/server/size/settings.js';
import type { Infrastructure } from './aws/infrastructure.js';
import type { BilledPart } from './billing.js';
import type {
  CellAddress,
  CellHost,
  HostedCell,
  KeyRoot,
  ObjectPlaces,
  OpenTarget,
  TargetContext,
} from './target.js';

/** A target's description of itself, so that no caller asks which target it is. */
interface TargetTraits {
  /** As `control.cells.target` has it. */
  readonly name: string;
  /** The owner of the servers, after `on`: `this machine`, `Amazon RDS`. */
  readonly provider: string;
  /**
   * True when its servers are ours, on this machine: Ringfence makes, starts, stops, restores and removes them. Others
   * exist already.
   */
  readonly isHere: boolean;
  /** True when the administrator is a superuser, so that the isolation suite can become other logins' sessions. */
  readonly hasSuperuser: boolean;
  /** The option of `cells up` that names the address of a new cell; null where it needs none. */
  readonly option: string | null;
  /** The service that brings a whole server back to an earlier time; null where Ringfence does. */
  readonly restoredBy: string | null;
  /** What a size class means for the server of a cell; null where the provider decides that. */
  readonly settings: ((size: Size) => ServerSettings) | null;
  /**
   * The kind of object store that it offers. @throws RingfenceError config_invalid for a RINGFENCE_OBJECTS of its form that
   * cannot be.
   */
  readonly objects?: (project: Pick<TargetContext, 'home' | 'env'>) => ObjectPlaces;
}

/** How messages and lists name one server. */
interface ServerWords {
  /** `its server`, `instance clinics-prod` */
  readonly server: string;
  /** In a list of cells: `this machine`, `clinics-prod`. */
  readonly place: string;
}

/** A place where cells live. */
export interface CellTarget extends TargetTraits {
  /** The fields of its addresses. Commands print them beside those of the cell, so they have other names. */
  readonly addressFields: readonly string[];
  /** @throws RingfenceError config_invalid for an address that is none of this target, as `words` and `open().host` do. */
  check(address: CellAddress): CellAddress;
  words(address: CellAddress): ServerWords;
  /** What Ringfence makes around the server at an address; undefined for a server that was there already, and on this machine. */
  infrastructure(address: CellAddress): Infrastructure | undefined;
  /**
   * What its provider bills each month for a cell; nothing on this machine, null for a server of which Ringfence does not know what
   * it is.
   */
  billed(address: CellAddress, region: string): readonly BilledPart[] | null;
  open(context: TargetContext): OpenTarget;
}

/** @param definition gets addresses that its schema has parsed. */
export const defineTarget = <Shape extends z.ZodRawShape>(
  definition: TargetTraits & {
    readonly address: z.ZodObject<Shape>;
    readonly words: (address: z.infer<z.ZodObject<Shape>>) => ServerWords;
    readonly infrastructure?: (address: z.infer<z.ZodObject<Shape>>) => Infrastructure | undefined;
    readonly billed: (address: z.infer<z.ZodObject<Shape>>, region: string) => readonly BilledPart[] | null;
    readonly open: (context: TargetContext) => Pick<OpenTarget, 'keyRoots'> & {
      keyRoot(region: string, address: z.infer<z.ZodObject<Shape>>): KeyRoot;
      host(cell: HostedCell, address: z.infer<z.ZodObject<Shape>>): CellHost;
    };
  },
): CellTarget => {
  const { address: schema, words, infrastructure, billed, open, ...traits } = definition;
  const parse = (address: CellAddress): z.infer<z.ZodObject<Shape>> => {
    const parsed = schema.safeParse(address);
    if (parsed.success) return parsed.data;
    throw new RingfenceError(
      'config_invalid',
      `${JSON.stringify(address)} is no address on ${traits.provider}: ${z.prettifyError(parsed.error)}`,
    );
  };
  return {
    ...traits,
    addressFields: Object.keys(schema.shape),
    check: (address) => parse(address),
    words: (address) => words(parse(address)),
    infrastructure: (address) => infrastructure?.(parse(address)),
    billed: (address, region) => billed(parse(address), region),
    open: (context) => {
      const { keyRoot, keyRoots, host } = open(context);
      return {
        keyRoot: ({ region, address }) => keyRoot(region, parse(address)),
        keyRoots,
        host: (cell) => host(cell, parse(cell.address)),
      };
    },
  };
};
