import type { ObjectStore } from '../../objects/object-store.js';
import { fileOfSealed } from './sealed-object.js';

const GENERATION = /^([0-9]+)-([1-9][0-9]*)$/;

/** A file of a server's history in the store; `name` is without its generation. */
export interface OffsiteFile {
  readonly key: string;
  readonly name: string;
  readonly at: Date;
  readonly storedBytes: number;
}

/** The files that one server has put into the store, as long as it only went forward. */
export interface OffsiteGeneration {
  /** `<system identifier>-<number>` */
  readonly name: string;
  /** Of the server that wrote it (`pg_control_system()`): segments of two servers have the same names. */
  readonly systemId: string;
  /** Of one server they ascend, and none is given twice while a later one is there. */
  readonly number: number;
  /** The times of the newest base backup and of the newest piece of the log; undefined before the first. */
  readonly baseAt: Date | undefined;
  readonly walAt: Date | undefined;
  readonly files: readonly OffsiteFile[];
}

/** Those that a server can be brought back from last. */
export const listGenerations = async (store: ObjectStore): Promise<OffsiteGeneration[]> => {
  const found = new Map<string, OffsiteFile[]>();
  for await (const { key, bytes, modifiedAt } of store.list('')) {
    const [generation = '', ...rest] = fileOfSealed(key) ?? [];
    if (!GENERATION.test(generation)) continue;
    const file = { key, name: rest.join('/'), at: modifiedAt, storedBytes: bytes };
    found.set(generation, [...(found.get(generation) ?? []), file]);
  }
  const newest = (files: readonly OffsiteFile[]): Date | undefined =>
    files.length === 0 ? undefined : new Date(Math.max(...files.map(({ at }) => at.getTime())));
  return [...found]
    .map(([name, files]) => ({
      name,
      systemId: GENERATION.exec(name)?.[1] ?? '',
      number: Number(GENERATION.exec(name)?.[2]),
      baseAt: newest(files.filter((file) => file.name.startsWith('base/') && file.name.endsWith('.json'))),
      walAt: newest(files.filter((file) => file.name.startsWith('wal/'))),
      files,
    }))
    .sort((a, b) => lastAt(a) - lastAt(b));
};

/** The one to bring the server back from. */
export const newestGeneration = async (store: ObjectStore): Promise<OffsiteGeneration | undefined> =>
  newestOf(await listGenerations(store));

/** @param generations as listed. */
export const newestOf = (generations: readonly OffsiteGeneration[]): OffsiteGeneration | undefined =>
  generations.filter(({ baseAt }) => baseAt !== undefined).at(-1);

/** Up to when it goes, in milliseconds of the epoch; 0 without a base backup. */
export const lastAt = ({ baseAt, walAt }: OffsiteGeneration): number =>
  baseAt === undefined ? 0 : Math.max(baseAt.getTime(), walAt?.getTime() ?? 0);
