const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Whether an object anywhere in `json`, which is valid JSON, names a member twice. RFC 8259 leaves open which one
 * counts, so two parsers may read two clinics out of one token. Names are compared unescaped: `"\u0061"` is `"a"`.
 */
export const hasDuplicateNames = (json: string): boolean => {
  const enclosing: Set<string>[] = [];
  let previous = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') enclosing.push(new Set());
    else if (token === '}' || token === ']') enclosing.pop();
    else if (token === ':') {
      const name = JSON.parse(previous) as string;
      const names = enclosing.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
    previous = token;
  }
  return false;
};
