/** Postgres's limit of names (NAMEDATALEN - 1). */
const NAME_MAX_BYTES = 63;

/** Says whether Postgres takes the text as a name of a column, a table or a schema: 1 to 63 bytes of UTF-8, any but NUL. */
export const isName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= NAME_MAX_BYTES && !/\0|\p{Surrogate}/u.test(name);
