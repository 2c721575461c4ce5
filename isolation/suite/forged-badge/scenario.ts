import type { Scenario } from '../case.js';
import { refusedStatement } from '../statement.js';
import { PEOPLE } from './people.js';
import { CONNECTION_OPTION, CONTEXT, PRIVILEGES, ROLE_SPOOFING, SPOOFED_SETTINGS } from './settings.js';
import { TENANT_LOGIN } from './tenant-login.js';
import { TOKENS } from './tokens.js';

export const FORGED_BADGE: Scenario = {
  name: 'forged-badge',
  title: 'Forged Badge',
  about:
    'SQL that an attacker injects tries to be another clinic, another role or the administrator, and shows forged, stolen, damaged and expired context tokens.',
  cases: () => [
    ...CONTEXT.map((statement) => refusedStatement('forged-badge', statement)),
    CONNECTION_OPTION,
    ...SPOOFED_SETTINGS,
    ...ROLE_SPOOFING,
    ...PRIVILEGES.map((statement) => refusedStatement('forged-badge', statement)),
    ...TOKENS,
    ...TENANT_LOGIN,
    ...PEOPLE,
  ],
};
