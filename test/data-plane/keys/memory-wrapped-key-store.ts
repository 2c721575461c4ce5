import type { WrappedKeyRecord, WrappedKeyStore } from '../../../data-plane/keys/wrapped-key-store.js';

/** A WrappedKeyStore without a database. `reads` counts calls of `get`. */
export const memoryWrappedKeyStore = (): WrappedKeyStore & { reads: number } => {
  const records = new Map<string, WrappedKeyRecord>();
  const list = (tenantId: string): WrappedKeyRecord[] =>
    [...records.values()].filter((r) => r.tenantId === tenantId).sort((a, b) => a.version - b.version);
  return {
    reads: 0,
    async get(tenantId, version) {
      this.reads++;
      return version === undefined ? list(tenantId).at(-1) : records.get(`${tenantId}/${version}`);
    },
    async put(record) {
      const name = `${record.tenantId}/${record.version}`;
      const winner = records.get(name) ?? record;
      records.set(name, winner);
      return winner;
    },
    list: async (tenantId) => list(tenantId),
    async markDestroyed(tenantId, destroyedAt, version) {
      for (const record of list(tenantId)) {
        if (record.wrapped === null || record.version !== (version ?? record.version)) continue;
        records.set(`${tenantId}/${record.version}`, { ...record, wrapped: null, destroyedAt });
      }
    },
  };
};
