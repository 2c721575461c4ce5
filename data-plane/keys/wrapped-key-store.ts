/** A tenant key as it is kept: in the control database, outside the tenant's backup set. */
export interface WrappedKeyRecord {
  /** Lower-case UUID. */
  readonly tenantId: string;
  /** 1, 2, ... */
  readonly version: number;
  readonly rootKeyId: string;
  /** The wrapped key; null once destroyed. */
  readonly wrapped: Buffer | null;
  readonly createdAt: Date;
  /** When the wrapped key was removed from the store; null while it is in use. */
  readonly destroyedAt: Date | null;
}

/** Keeps wrapped tenant keys. Records of destroyed keys stay, without their bytes, so that no key is made in their place. */
export interface WrappedKeyStore {
  /** The given version, or the highest one, destroyed or not. */
  get(tenantId: string, version?: number): Promise<WrappedKeyRecord | undefined>;

  /** Inserts the record unless tenant and version are there already. Returns the record that is then in the store. */
  put(record: WrappedKeyRecord): Promise<WrappedKeyRecord>;

  /** All versions, ascending, destroyed ones too. */
  list(tenantId: string): Promise<readonly WrappedKeyRecord[]>;

  /**
   * Removes the bytes of one version, or of every one that still has them, for ever, and sets `destroyedAt` there.
   * Idempotent: what was destroyed before keeps its first date.
   */
  markDestroyed(tenantId: string, destroyedAt: Date, version?: number): Promise<void>;
}
