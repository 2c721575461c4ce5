import type { TenantInput } from '../../manifest/index.js';
import { findManifest } from '../manifests/find.js';
import type { PartialTenant } from '../manifests/partial-tenant.js';
import type { Context } from '../terminal/context.js';
import { askClinics } from './clinics.js';
import { configureClinics } from './configure-clinics.js';
import { askContact } from './contact.js';
import { askIdentity } from './identity.js';
import { askPlacement } from './placement.js';
import { openPrompts } from './prompts.js';
import { askSubscription } from './subscription.js';

/**
 * Asks a person for everything about a tenant that is not `known` yet. Every question has a default, and every
 * answer is checked by the manifest's own schema at once. Nothing is written.
 * @throws RingfenceError `cancelled` on Ctrl-C, Escape and the end of the input.
 */
export const askTenant = async (context: Context, known: PartialTenant): Promise<TenantInput> => {
  const prompts = openPrompts(context.terminal);
  prompts.intro('Onboard a clinic. Enter takes what is shown, Ctrl-C writes nothing.');
  const identity = await askIdentity(prompts, known, (slug) => findManifest(context, slug) !== undefined);
  const clinics = await askClinics(prompts, known, identity);
  const placement = await askPlacement(prompts, known);
  const subscription = await askSubscription(prompts, known, placement.tier);
  const contact = await askContact(prompts, known, identity.slug);
  const tenant = { ...known, ...identity, ...placement, ...subscription, ...contact, clinics };
  const configured = { ...tenant, clinics: await configureClinics(prompts, tenant) };
  prompts.outro('Done. What was left for later has its defaults.');
  return configured;
};
