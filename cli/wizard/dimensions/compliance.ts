import type { AskDimension } from '../dimension.js';
import { askTexts } from './texts.js';

/** What must never be said, and what must always be. */
export const askCompliance: AskDimension = async ({ prompts, clinic, check }) => {
  prompts.note(
    clinic.compliance.forbiddenClaims.map((claim) => `- ${claim}`).join('\n'),
    `Never claimed by a clinic of this kind (${clinic.vertical})`,
  );
  const forbiddenClaims = await askTexts(
    prompts,
    'Something else that must never be claimed',
    (texts, place) =>
      check({ compliance: { forbiddenClaims: texts } }, 'compliance', 'forbiddenClaims', place),
  );
  const disclaimers = await askTexts(prompts, 'A disclaimer that must always be given', (texts, place) =>
    check({ compliance: { disclaimers: texts } }, 'compliance', 'disclaimers', place),
  );
  const healthRegistration = await prompts.text({
    message: 'Number in the register of health centres',
    check: (text) => check({ compliance: { healthRegistration: text } }, 'compliance', 'healthRegistration'),
  });
  return { compliance: { forbiddenClaims, disclaimers, healthRegistration: healthRegistration || null } };
};
