import { hasUnknown, type Properties } from '../../../stacks/protocol/provider/resource.js';
import type { Description, Limit, ObjectType, ValueType } from './description.js';

/** What is wrong with an input, by whose word. */
export interface Wrong {
  readonly property: string;
  readonly reason: string;
}

/** Compares inputs with what others say of their resource type. Values that a preview cannot know are passed over. */
export const checkInputs = (
  description: Description,
  terraformNames: Readonly<Record<string, string>>,
  inputs: Properties,
): Wrong[] => {
  const wrong: Wrong[] = [];
  const refuse = (path: string, reason: string): void => {
    wrong.push({ property: path, reason });
  };

  const checkObject = (value: Properties, type: ObjectType, path: string, by: By): void => {
    const given = new Set<string>();
    for (const [name, entry] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      const known = terraformNames[at] ?? name;
      given.add(known);
      const declared = type[known];
      if (!declared) refuse(at, `${by.name} has no ${known} (${by.source})`);
      else checkValue(entry, declared.type, at, by);
    }
    for (const [name, { required }] of Object.entries(type))
      if (required && !given.has(name)) refuse(path, `${by.name} needs ${name} (${by.source})`);
  };

  const checkValue = (value: unknown, type: ValueType, path: string, by: By): void => {
    if (type === 'any' || hasUnknown(value)) return;
    if (typeof type === 'string') {
      if (typeof value !== type) refuse(path, `is a ${typeof value}, not a ${type} (${by.source})`);
    } else if ('oneOf' in type) {
      if (!type.oneOf.some((allowed) => allowed === value))
        refuse(path, `${JSON.stringify(value)} is none of ${type.oneOf.join(', ')} (${by.source})`);
    } else if ('list' in type) {
      // Where Terraform takes one block at most, @pulumi/aws has no list.
      const entries = Array.isArray(value) || by.isJson || !isBlock(type.list) ? value : [value];
      if (!Array.isArray(entries)) refuse(path, `is not a list (${by.source})`);
      else for (const entry of entries) checkValue(entry, type.list, path, by);
    } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse(path, `is not an object (${by.source})`);
    } else if ('map' in type) {
      for (const [name, entry] of Object.entries(value)) checkValue(entry, type.map, `${path}.${name}`, by);
    } else checkObject(value as Properties, type.object, path, by);
  };

  checkObject(inputs, description.inputs, '', { name: description.terraform, source: 'cdktf' });
  for (const [input, type] of Object.entries(description.documents ?? {})) {
    const document = inputs[input];
    if (typeof document !== 'string' || hasUnknown(document)) continue;
    checkValue(parsed(document), type, input, { name: input, source: 'botocore', isJson: true });
  }
  for (const [path, limits] of Object.entries(description.limits))
    for (const value of valuesAt(inputs, path.split('.')))
      for (const limit of limits) {
        const reason = hasUnknown(value) ? undefined : breaks(limit, value, inputs);
        if (reason !== undefined) refuse(path, `${reason} (${limit.source})`);
      }
  return wrong;
};

/** Who says what is right, and of what. */
interface By {
  readonly name: string;
  readonly source: Limit['source'];
  readonly isJson?: true;
}

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const isBlock = (type: ValueType): boolean => typeof type === 'object' && 'object' in type;

const valuesAt = (value: unknown, [name, ...rest]: readonly string[]): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((entry) => valuesAt(entry, [name ?? '', ...rest]));
  if (name === undefined || name === '') return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  const entry = (value as Properties)[name];
  if (rest.length > 0) return valuesAt(entry, rest);
  return entry === undefined ? [] : Array.isArray(entry) ? entry : [entry];
};

const breaks = (limit: Limit, value: unknown, inputs: Properties): string | undefined => {
  const { oneOf, pattern, min, max, minLength, maxLength, not } = limit;
  const shown = JSON.stringify(value);
  if (oneOf && !oneOf.some((allowed) => allowed === value)) return `${shown} is none of ${oneOf.join(', ')}`;
  if (not !== undefined && value === true && inputs[not] !== undefined) return `excludes ${not}`;
  if (typeof value === 'number') {
    if (min !== undefined && value < min) return `${shown} is less than ${min}`;
    if (max !== undefined && value > max) return `${shown} is more than ${max}`;
  }
  if (typeof value !== 'string') return undefined;
  if (minLength !== undefined && value.length < minLength) return `has less than ${minLength} characters`;
  if (maxLength !== undefined && value.length > maxLength) return `has more than ${maxLength} characters`;
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value))
    return `${shown} is not of the form ${pattern}`;
  return undefined;
};
