import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Limit, ObjectType, ValueType } from '../../test/support/aws/description.js';
import type { ResourceType } from '../../test/support/aws/resource-types.js';

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

type Shapes = Readonly<Record<string, Shape>>;

const NUMBERS = new Set(['integer', 'long', 'float', 'double']);

/** Reads limits of inputs from the models of AWS's own API, as `botocore` has them in its folder `data`. */
export const apiLimits = (data: string) => {
  const services = new Map<string, Shapes>();
  const shapesOf = (service: string): Shapes => {
    const known = services.get(service);
    if (known) return known;
    const version = readdirSync(join(data, service)).sort().at(-1) ?? '';
    const text = gunzipSync(readFileSync(join(data, service, version, 'service-2.json.gz'))).toString();
    const { shapes } = JSON.parse(text) as { shapes: Shapes };
    services.set(service, shapes);
    return shapes;
  };

  const memberLimit = (service: string, shapeName: string, member: string): Limit | undefined => {
    const shapes = shapesOf(service);
    const shape = shapes[shapes[shapeName]?.members?.[member]?.shape ?? ''];
    if (!shape) throw new Error(`botocore does not describe ${service} ${shapeName}.${member}`);
    return limitOf(shape);
  };

  const limitsOf = (
    { requests, requestNames = {} }: ResourceType,
    inputs: ObjectType,
  ): Readonly<Record<string, Limit[]>> => {
    const limits: Record<string, Limit[]> = {};
    const add = (path: string, limit: Limit | undefined): void => {
      if (limit) limits[path] = [...(limits[path] ?? []), limit];
    };
    for (const request of requests) {
      const [service = '', shape = ''] = request.split(':');
      const members = Object.keys(shapesOf(service)[shape]?.members ?? {});
      if (members.length === 0) throw new Error(`botocore does not describe ${request}`);
      for (const input of Object.keys(inputs)) {
        const member = members.find((name) => name.toLowerCase() === input.toLowerCase());
        if (member !== undefined && !(input in requestNames)) add(input, memberLimit(service, shape, member));
      }
    }
    for (const [path, name] of Object.entries(requestNames)) {
      const [service = '', shape = '', member = ''] = name.split(/[:.]/);
      add(path, memberLimit(service, shape, member));
    }
    return limits;
  };

  /** What is in inputs that are JSON in a text. */
  const documentsOf = ({ documents = {} }: ResourceType): Readonly<Record<string, ValueType>> =>
    Object.fromEntries(
      Object.entries(documents).map(([input, named]) => {
        const [service = '', shape = ''] = named.split(':');
        return [input, valueType(shapesOf(service), shape)];
      }),
    );
  return { limitsOf, documentsOf };
};

const valueType = (shapes: Shapes, name: string): ValueType => {
  const shape = shapes[name];
  if (!shape) throw new Error(`botocore does not describe ${name}`);
  const { type, enum: oneOf, members = {}, member, value, required = [] } = shape;
  if (oneOf) return { oneOf };
  if (type === 'list') return { list: valueType(shapes, member?.shape ?? '') };
  if (type === 'map') return { map: valueType(shapes, value?.shape ?? '') };
  if (type === 'structure')
    return {
      object: Object.fromEntries(
        Object.entries(members).map(([key, of]) => {
          const declared = valueType(shapes, of.shape);
          return [key, required.includes(key) ? { type: declared, required: true } : { type: declared }];
        }),
      ),
    };
  return type === 'boolean' ? 'boolean' : NUMBERS.has(type) ? 'number' : 'string';
};

const limitOf = ({ type, enum: oneOf, pattern, min, max }: Shape): Limit | undefined => {
  if (oneOf) return { source: 'botocore', oneOf };
  if (type !== 'string' && !NUMBERS.has(type)) return undefined;
  if (pattern === undefined && min === undefined && max === undefined) return undefined;
  const [least, most] = NUMBERS.has(type) ? (['min', 'max'] as const) : (['minLength', 'maxLength'] as const);
  return {
    source: 'botocore',
    ...(pattern === undefined ? {} : { pattern }),
    ...(min === undefined ? {} : { [least]: min }),
    ...(max === undefined ? {} : { [most]: max }),
  };
};
