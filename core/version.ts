/** Of this toolkit, as package.json has it. */
export const VERSION = '0.1.0';

/** Of what `--json` prints: raised where a key goes, or becomes something else (docs/json.md). */
export const JSON_VERSION = 1;
