/** The version of this toolkit, as in package.json. */
export const VERSION = '0.1.0';

/** The version of the `--json` output. It rises when a key goes or changes its meaning (docs/json.md). */
export const JSON_VERSION = 2;
