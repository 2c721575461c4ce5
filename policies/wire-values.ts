import { type Properties, SECRET, UNKNOWN } from './values.js';

/** How the engine writes what it does not know yet: by kind (pulumi sdk, resource/plugin/rpc.go). */
const UNKNOWN_TEXTS: ReadonlySet<unknown> = new Set([
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
]);

/** What events of the engine show instead of a secret. */
const SECRET_TEXT = '[secret]';
/** Marks a wrapped value, and says what it is (pulumi sdk, resource/properties.go). */
const SIGNATURE_KEY = '4dabf18193072939515e22adb298388d';
const SECRET_SIGNATURE = '1b47061264138c4ac30d75fd1eb44270';
const OUTPUT_SIGNATURE = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';

/** Properties as the engine sends or keeps them, with what is unknown and secret as its own values. */
export const fromWire = (properties: Properties): Properties => readValue(properties) as Properties;

const readValue = (value: unknown): unknown => {
  if (UNKNOWN_TEXTS.has(value)) return UNKNOWN;
  if (value === SECRET_TEXT) return SECRET;
  if (Array.isArray(value)) return value.map(readValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Properties;
  if (entries[SIGNATURE_KEY] === SECRET_SIGNATURE) return SECRET;
  if (entries[SIGNATURE_KEY] === OUTPUT_SIGNATURE) {
    if (entries.secret === true) return SECRET;
    return 'value' in entries ? readValue(entries.value) : UNKNOWN;
  }
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, readValue(entry)]));
};
