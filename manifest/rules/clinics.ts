import { WEEKDAYS } from '../primitives.js';
import { type Checked, reachableClinics } from './rule.js';

/** Slugs and ids are unique; prices, hours and holidays make sense. */
export function checkClinics(checked: Checked): void {
  const { sound, report } = checked;
  const slugs = new Map<string, number>();
  const ids = new Map<string, number>();
  for (const { clinic, path } of reachableClinics(checked)) {
    const [, index] = path;
    if (sound(...path, 'slug')) {
      const first = slugs.get(clinic.slug);
      if (first === undefined) slugs.set(clinic.slug, index);
      else report([...path, 'slug'], `"${clinic.slug}" is already the slug of clinics[${first}]`);
    }
    if (sound(...path, 'id') && clinic.id !== undefined) {
      const first = ids.get(clinic.id);
      if (first === undefined) ids.set(clinic.id, index);
      else report([...path, 'id'], `is already the id of clinics[${first}]`);
    }
    checkServices(checked, index);
    checkHours(checked, index);
  }
}

function checkServices({ tenant, sound, report }: Checked, index: number): void {
  const path = ['clinics', index, 'services'] as const;
  if (!sound(...path)) return;
  const seen = new Set<string>();
  for (const [place, service] of (tenant.clinics[index]?.services ?? []).entries()) {
    if (seen.has(service.id))
      report([...path, place, 'id'], 'is given twice; allowed: one service for an id');
    seen.add(service.id);
    if (service.price !== null && service.price.min > service.price.max) {
      report([...path, place, 'price'], 'has min above max; allowed: min up to max');
    }
    if (service.price === null && service.priceVisibility === 'public') {
      report([...path, place, 'priceVisibility'], 'public needs a price; allowed: private, or give price');
    }
  }
}

function checkHours({ tenant, sound, report }: Checked, index: number): void {
  const path = ['clinics', index, 'hours'] as const;
  const hours = tenant.clinics[index]?.hours;
  if (hours === undefined || !sound(...path)) return;
  for (const name of ['weekly', 'handOff'] as const) {
    for (const day of WEEKDAYS) {
      const spans = hours[name]?.[day] ?? [];
      for (const [place, span] of spans.entries()) {
        const previous = spans[place - 1];
        if (span.open >= span.close) {
          report([...path, name, day, place], 'closes before it opens; allowed: open earlier than close');
        } else if (previous !== undefined && span.open < previous.close) {
          report([...path, name, day, place], 'overlaps the one before it; allowed: spans in order, apart');
        }
      }
    }
  }
  const dates = new Set<string>();
  for (const [place, holiday] of hours.holidays.entries()) {
    if (dates.has(holiday.date)) report([...path, 'holidays', place, 'date'], 'is given twice');
    dates.add(holiday.date);
  }
}
