import type { Whereabouts } from '../../../core/whereabouts.js';

/** The seal of the secrets in the engine's state. */
type Seal =
  /** A passphrase in a file, mode 0600. All stacks derive their key from it with one salt. */
  | { readonly kind: 'passphrase'; readonly file: string }
  /** A key of AWS KMS, as the engine takes it. Each stack has a data key that it wraps. */
  | { readonly kind: 'aws-kms'; readonly url: string };

/**
 * Where the engine keeps the state of a project's stacks: files by their paths below the engine's `.pulumi`, with slashes. The engine
 * writes them; this only reads and removes. Every operation @throws RingfenceError.
 */
export interface StateStore {
  /** The place, for a person. */
  readonly name: string;
  readonly seal: Seal;
  /** The place as RINGFENCE_STATE has it, for other machines, whose engines may work on it too; undefined for one of this machine alone. */
  readonly setting: string | undefined;
  /** The variables by which any engine works on this state. Secrets are named by file, never by value. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Comes before each use of the engine, under the lock of what is deployed.
   * @throws RingfenceError `conflict` where the state is being moved, or was moved since this store was opened.
   */
  requireHome(): Promise<void>;
  /** Makes the place ready for the engine, and its seal; may be called again. */
  prepare(): Promise<void>;
  /** Asks its holder whether the place is as it has to be, and changes nothing. @returns what would be better. */
  check(): Promise<{ readonly detail: string; readonly fix: string } | undefined>;
  /** Where the state is, and what seals it, by the word of their holders. As `CellHost.whereabouts`. */
  whereabouts(): Promise<readonly Whereabouts[]>;
  /** Names in a folder that begin so; none where there is no folder. */
  names(folder: string, start?: string): Promise<string[]>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Takes a file away, as the engine would; a store of versions keeps what it was. */
  remove(path: string): Promise<void>;
  /** Files and folders that begin so, also those that only earlier versions are left of; `erase` takes them. */
  everBelow(start: string): Promise<string[]>;
  /** Takes a file, or a folder with what is in it, away with every version. @throws RingfenceError object_locked */
  erase(path: string): Promise<void>;
  /**
   * Takes away what an engine left that ended while it wrote. A store whose files appear whole has none.
   * @param stack this one and the stacks that tenants' programs refer to; without it all
   * @param options.hasEnded no engine works on the stack, so that its drafts are nobody's
   */
  mend(stack?: string, options?: { readonly hasEnded: boolean }): void;
  /** Takes every stack away, in every version, and the seal that is for this state alone: the state is elsewhere. @throws RingfenceError object_locked */
  clear(): Promise<void>;
  /** Removes the state of the project, with what names it as the project's. Nothing of an earlier version is removed. */
  purge(): Promise<void>;
}
