/** A member of a JSON object as the text has it, or an element of an array, whose name is empty. */
export interface JsonPart {
  readonly name: string;
  /** JSON, character for character: a number keeps digits that a double has not. */
  readonly json: string;
}

/**
 * Splits a JSON object or array into its members, without losing a digit.
 *
 * @param json that JSON.parse takes.
 */
export const jsonParts = (json: string): JsonPart[] => {
  const parts: JsonPart[] = [];
  let at = json.search(/[[{]/) + 1;
  const isObject = json[at - 1] === '{';
  for (at = pastSpace(json, at); !/[\]}]/.test(json[at] ?? ']'); at = pastSpace(json, at)) {
    let name = '';
    if (isObject) {
      const end = pastString(json, at);
      name = JSON.parse(json.slice(at, end)) as string;
      at = pastSpace(json, pastSpace(json, end) + 1);
    }
    const end = pastValue(json, at);
    parts.push({ name, json: json.slice(at, end) });
    at = pastSpace(json, end);
    if (json[at] === ',') at += 1;
  }
  return parts;
};

const pastSpace = (json: string, from: number): number => {
  let at = from;
  while (json[at] === ' ' || json[at] === '\t' || json[at] === '\r' || json[at] === '\n') at += 1;
  return at;
};

/** `from` is at the opening quote. */
const pastString = (json: string, from: number): number => {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
};

const pastValue = (json: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < json.length; ) {
    const character = json[at] ?? '';
    if (character === '"') {
      at = pastString(json, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (depth < 0 || (depth === 0 && /[,\s]/.test(character))) return at;
    at += 1;
    if (depth === 0 && (character === '}' || character === ']')) return at;
  }
  return json.length;
};
