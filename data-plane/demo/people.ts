import type { Vertical } from '../../manifest/dimensions/compliance.js';
import type { Random } from './random.js';
import type { Language } from './words/language.js';
import { NAMES } from './words/names.js';

/** An invented person. */
export interface Person {
  readonly name: string;
  /** The name of the person in messages. */
  readonly givenName: string;
  /** E.164 with spaces. */
  readonly phone: string;
  /** `1987-04-02` */
  readonly birthDate: string;
}

/** A patient whose row is made, and whose other rows follow. */
export interface Patient extends Person {
  readonly id: string;
  readonly language: Language;
  /** Index in the calendar of the day when the patient first came. */
  readonly since: number;
}

/** A clinic's country; it decides which languages are common and where phones are from. */
export type Place = 'europe' | 'elsewhere';

export const placeOf = (timeZone: string): Place =>
  timeZone.startsWith('Europe/') || timeZone === 'Atlantic/Canary' || timeZone === 'Africa/Ceuta'
    ? 'europe'
    : 'elsewhere';

/** Spanish is common in Europe and Arabic elsewhere; each clinic has patients of all three languages. */
export const languageIn = (place: Place, random: Random): Language => {
  const [common, second]: readonly Language[] = place === 'europe' ? ['es', 'ar'] : ['ar', 'en'];
  const share = random.between(1, 100);
  if (share <= 60 && common !== undefined) return common;
  if (share <= 85 && second !== undefined) return second;
  return place === 'europe' ? 'en' : 'es';
};

/** @param registered when the person first came: born at least a year before. */
export const personOf = (
  language: Language,
  place: Place,
  vertical: Vertical,
  registered: Date,
  random: Random,
): Person => {
  const female = vertical === 'gynaecology' || random.chance(0.54);
  const { name, givenName } = nameOf(language, female, random);
  const phone = phoneOf(language, place, random);
  return { name, givenName, phone, birthDate: birthDateOf(vertical, registered, random) };
};

/** Two family names in Spanish; father, grandfather and family in Arabic. */
export const nameOf = (
  language: Language,
  female: boolean,
  random: Random,
): { name: string; givenName: string } => {
  const words = NAMES[language];
  const givenName = random.pick(female ? words.female : words.male);
  const rest = [random.pick(words.family)];
  if (language === 'es') rest.push(random.pick(words.family));
  if (language === 'ar') rest.unshift(random.pick(words.male), random.pick(words.male));
  return { name: [givenName, ...rest].join(' '), givenName };
};

/**
 * Numbers that ring nowhere. The United Kingdom reserves +44 7700 900000 to 900999 for drama (Ofcom). Spain and Egypt
 * reserve none: no Spanish number begins with 4, and no Egyptian mobile network uses 017.
 */
const phoneOf = (language: Language, place: Place, random: Random): string => {
  const digits = (count: number): string => String(random.next() % 10 ** count).padStart(count, '0');
  if (language === 'en') return `+44 7700 900${digits(3)}`;
  if (place === 'europe') return `+34 4${digits(2)} ${digits(3)} ${digits(3)}`;
  return `+20 17${digits(1)} ${digits(3)} ${digits(4)}`;
};

const AGES: Partial<Readonly<Record<Vertical, readonly [min: number, max: number]>>> = {
  paediatrics: [1, 15],
  fertility: [24, 46],
  gynaecology: [14, 78],
  ophthalmology: [6, 90],
};

const birthDateOf = (vertical: Vertical, registered: Date, random: Random): string => {
  const [min, max] = AGES[vertical] ?? [16, 88];
  const year = registered.getUTCFullYear() - random.between(min, max);
  return new Date(Date.UTC(year, random.between(0, 11), random.between(1, 28))).toISOString().slice(0, 10);
};
