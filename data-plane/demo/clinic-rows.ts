import type { ClinicContext } from './clinic-context.js';
import { idSource } from './ids.js';
import { nameOf } from './people.js';
import { randomFrom } from './random.js';
import type { RowBatch } from './rows.js';
import type { DemoRow } from './tables.js';
import type { ByLanguage, Language } from './words/language.js';
import { SERVICES } from './words/services.js';
import { SPECIALITIES } from './words/specialities.js';

/** Someone with a login, who works in every clinic of the tenant under one user id. */
export interface SharedUser {
  readonly userId: string;
  readonly fullName: string;
  readonly role: 'owner' | 'reception';
}

const TITLE: ByLanguage<string> = { es: 'Dra. ', ar: 'د. ', en: 'Dr ' };

/** The doctor who owns the tenant's clinics, and a receptionist who works mornings in one and evenings in another. */
export const sharedUsers = (tenantId: string, seed: number, language: Language): SharedUser[] => {
  const random = randomFrom('users', seed, tenantId);
  const nextId = idSource(random);
  return (['owner', 'reception'] as const).map((role) => ({
    userId: nextId(),
    fullName: (role === 'owner' ? TITLE[language] : '') + nameOf(language, true, random).name,
    role,
  }));
};

/** Services and staff of one clinic, which its patients' rows refer to. */
export const addClinicRows = (
  context: ClinicContext,
  batch: RowBatch,
  shared: readonly SharedUser[],
  userId: () => string,
): void => {
  for (const service of SERVICES[context.vertical]) {
    const id = context.nextId();
    context.services.push({ ...service, id });
    context.add(batch, 'services', id, {
      name: service.name[context.language],
      duration_minutes: service.durationMinutes,
      price_min_eur: service.minEur,
      price_max_eur: service.maxEur,
      price_public: context.random.chance(0.2),
    });
  }
  for (const user of shared) addMember(context, batch, user.role, user.fullName, user.userId);
  for (const role of ['doctor', 'doctor', 'doctor', 'assistant', 'reception', 'visiting'] as const) {
    const treats = role === 'doctor' || role === 'visiting';
    const title = treats ? TITLE[context.language] : '';
    const { name } = nameOf(context.language, true, context.random);
    addMember(context, batch, role, title + name, role === 'visiting' ? null : userId());
  }
};

const addMember = (
  context: ClinicContext,
  batch: RowBatch,
  role: 'owner' | 'doctor' | 'visiting' | 'assistant' | 'reception',
  fullName: string,
  userId: string | null,
): void => {
  const id = context.nextId();
  const treats = role === 'owner' || role === 'doctor' || role === 'visiting';
  const row: DemoRow<'staff'> = {
    user_id: userId,
    full_name: fullName,
    role,
    speciality: treats ? SPECIALITIES[context.vertical][context.language] : null,
    active: true,
  };
  context.add(batch, 'staff', id, row);
  if (treats) context.doctors.push({ id, actor: userId === null ? `staff:${id}` : `user:${userId}` });
};
