import { parseTenant, type TenantInput } from '../../manifest/index.js';
import type { ClinicInput } from '../manifests/partial-tenant.js';
import { problemAt } from './check.js';
import type { AskDimension } from './dimension.js';
import { askBrandVoice } from './dimensions/brand-voice.js';
import { askBranding } from './dimensions/branding.js';
import { askCompliance } from './dimensions/compliance.js';
import { askHours } from './dimensions/hours.js';
import { askKnowledgeBase } from './dimensions/knowledge-base.js';
import { askNotifications } from './dimensions/notifications.js';
import { askServices } from './dimensions/services.js';
import { askStaffRouting } from './dimensions/staff-routing.js';
import type { Prompts } from './prompts.js';

/** Ordered so that each dimension refers only to earlier ones. */
const DIMENSIONS: readonly { readonly title: string; readonly ask: AskDimension }[] = [
  { title: 'Brand voice', ask: askBrandVoice },
  { title: 'Services and prices', ask: askServices },
  { title: 'Opening hours', ask: askHours },
  { title: 'Staff and routing', ask: askStaffRouting },
  { title: 'Knowledge base', ask: askKnowledgeBase },
  { title: 'Compliance and forbidden claims', ask: askCompliance },
  { title: 'Logo and colours', ask: askBranding },
  { title: 'Notifications', ask: askNotifications },
];

/** Asks for the eight dimensions of each clinic; each of them can wait. With several clinics a whole one can wait. */
export const configureClinics = async (prompts: Prompts, tenant: TenantInput): Promise<ClinicInput[]> => {
  let clinics = tenant.clinics;
  for (const [place, clinic] of clinics.entries()) {
    if (clinics.length > 1 && !(await isForNow(prompts, clinic.name))) continue;
    const replace = (part: Partial<ClinicInput>): ClinicInput[] =>
      clinics.map((other, index) => (index === place ? { ...other, ...part } : other));
    for (const { title, ask } of DIMENSIONS) {
      if (!(await isForNow(prompts, title))) continue;
      const resolved = parseTenant({ ...tenant, clinics });
      clinics = replace(
        await ask({
          prompts,
          tenant: resolved,
          clinic: resolved.clinics[place] as (typeof resolved.clinics)[number],
          check: (part, ...at) => problemAt({ ...tenant, clinics: replace(part) }, 'clinics', place, ...at),
        }),
      );
    }
  }
  return clinics;
};

const isForNow = async (prompts: Prompts, title: string): Promise<boolean> =>
  (await prompts.choose({
    message: `${title}: configure now or later?`,
    choices: [
      { value: 'later', label: 'Later', hint: 'keeps the defaults' },
      { value: 'now', label: 'Now' },
    ],
    byDefault: 'later',
  })) === 'now';
