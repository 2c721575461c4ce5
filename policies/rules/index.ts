import type { Rule } from '../rule.js';
import { backupRetention } from './backup-retention.js';
import { deletionProtection } from './deletion-protection.js';
import { edgeJurisdiction } from './edge-jurisdiction.js';
import { edgeSecrets } from './edge-secrets.js';
import { encryption } from './encryption.js';
import { keptData } from './kept-data.js';
import { legalHolds } from './legal-holds.js';
import { nothingPublic } from './nothing-public.js';
import { objectLock } from './object-lock.js';
import { quotas } from './quotas.js';
import { residency } from './residency.js';
import { schemaRelease } from './schema-release.js';
import { tags } from './tags.js';
import { tls } from './tls.js';

/** In the order of lists and reports. */
export const RULES: readonly Rule[] = [
  residency,
  encryption,
  tls,
  nothingPublic,
  deletionProtection,
  keptData,
  legalHolds,
  backupRetention,
  objectLock,
  quotas,
  edgeSecrets,
  edgeJurisdiction,
  schemaRelease,
  tags,
];
