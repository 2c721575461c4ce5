import { Cron } from 'croner';
import { z } from 'zod';
import { SLUG_ALLOWED, SLUG_PATTERN } from '../core/ids.js';
import { suggest } from './suggest.js';

/** Keys that a section names when it does not know them; a manifest with more is no manifest. */
const MAX_UNKNOWN_KEYS = 20;

/**
 * An object that refuses keys it does not know. The message has one line for each such key, in their
 * order, so that `problems.ts` can point at every one of them.
 */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, MAX_UNKNOWN_KEYS)
            .map((key) => `is not a known key${suggest(key, allowed)}`)
            .join('\n')
        : undefined,
  });
}

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const CONTROL_EXCEPT_LINES = /[^\P{Cc}\n\t]|\p{Cs}/u;
const UNPRINTABLE = 'holds a control character or half of a surrogate pair; allowed: printable text';

/** One line of text in any script. */
export const line = (maxLength = 200) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !CONTROL.test(text), UNPRINTABLE);

/** Several lines of text in any script; may be empty. */
export const prose = (maxLength = 8_000) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((text) => !CONTROL_EXCEPT_LINES.test(text), UNPRINTABLE);

export const slug = z.string().regex(SLUG_PATTERN, `is not a slug; allowed: ${SLUG_ALLOWED}`);

export const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'is not a UUID; allowed: 8-4-4-4-12 hexadecimal digits in lower case',
  );

export const email = z.email('is not an e-mail address; allowed: name@example.com').max(254);

export const phone = z.string().regex(/^\+[1-9][0-9]{6,14}$/, 'is not a phone number; allowed: +34961234567');

const EXAMPLE_HOST = 'one like citas.example.com, in lower case';

/** The name in DNS of a host that is written in another script (IDNA); undefined of other text. */
const asciiHost = (text: unknown): string | undefined => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, nothing else
  if (typeof text !== 'string' || /^[\x00-\x7f]*$/.test(text) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(text))
    return undefined;
  return URL.parse(`https://${text}`)?.hostname;
};

export const hostname = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/, {
    error: ({ input }) => `is not a host name; allowed: ${asciiHost(input) ?? EXAMPLE_HOST}`,
  });

export const httpsUrl = z
  .string()
  .max(2_000)
  .regex(/^https:\/\/[^\s/]+(?:\/\S*)?$/, 'is not an https address; allowed: https://...');

export const hexColour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'is not a colour; allowed: # and six hexadecimal digits, such as #0f766e');

export const clockTime = z
  .string()
  .regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'is not a time of day; allowed: 00:00 to 23:59, in quotes');

export const closingTime = z
  .string()
  .regex(
    /^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/,
    'is not a closing time; allowed: 00:01 to 24:00, in quotes',
  );

export const date = z.iso.date('is not a date; allowed: YYYY-MM-DD');

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

/** `supportedValuesOf` lacks UTC and Europe/Kyiv, so the formatter itself is asked. */
function isTimeZone(name: string): boolean {
  if (KNOWN_TIME_ZONES.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  if (!/^[A-Z]/.test(name)) return false;
  KNOWN_TIME_ZONES.add(name);
  return true;
}

/** Asking the formatter takes 0.2 ms, and a thousand manifests name the same few zones. */
const KNOWN_TIME_ZONES = new Set<string>();

export const timeZone = z
  .string()
  .refine(isTimeZone, 'is not an IANA time zone; allowed: one like Europe/Madrid')
  .default('Europe/Madrid');

/** Five fields of numbers. The library also takes dates, names, seconds and signs of its own. */
const CRON_FIELD = String.raw`(?:\*|\d{1,2}(?:-\d{1,2})?)(?:/\d{1,2})?`;
const CRON_LIST = `${CRON_FIELD}(?:,${CRON_FIELD})*`;
const CRON = new RegExp(`^${CRON_LIST}(?: +${CRON_LIST}){4}$`);

function isCron(expression: string): boolean {
  if (!CRON.test(expression)) return false;
  try {
    return new Cron(expression, { paused: true, mode: '5-part' }).nextRun() !== null;
  } catch {
    return false;
  }
}

export const cron = z
  .string()
  .refine(
    isCron,
    'is not a cron expression that ever fires; allowed: minute hour day month weekday in numbers, such as 15 2 * * *',
  );

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}

export const locale = z
  .string()
  .refine(isLocale, 'is not a locale; allowed: a BCP 47 tag such as es-ES or ar-MA');

/**
 * A whole number between two bounds, both allowed. Not `z.int()`: its refusal would end the check of the
 * whole manifest, and every mistake is told at once.
 */
export const wholeNumber = (min: number, max: number) =>
  z
    .number()
    .min(min)
    .max(max)
    .refine(Number.isSafeInteger, 'is not a whole number; allowed: one without a fraction')
    .meta({ type: 'integer' });
