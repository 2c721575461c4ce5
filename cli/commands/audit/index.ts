import type { Group } from '../../command/define-command.js';
import { auditExport } from './export.js';
import { auditQuery } from './query.js';
import { auditVerify } from './verify.js';

export const audit: Group = {
  name: 'audit',
  description: 'what was done with the data of a tenant, and by whom',
  commands: [auditQuery, auditVerify, auditExport],
};
