import type { ObjectType, ValueType } from '../../test/support/aws/description.js';

interface JsiiType {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: JsiiType };
  readonly union?: { readonly types: readonly JsiiType[] };
}

interface JsiiDeclaration {
  readonly fqn: string;
  readonly name: string;
  readonly kind: string;
  readonly docs?: Documentation;
  readonly properties?: readonly {
    readonly name: string;
    readonly optional?: true;
    readonly static?: true;
    readonly immutable?: true;
    readonly type: JsiiType;
    readonly docs?: Documentation;
  }[];
}

interface Documentation {
  readonly summary?: string;
  readonly remarks?: string;
}

export interface Jsii {
  readonly types: Readonly<Record<string, JsiiDeclaration>>;
}

const RESOLVABLE = 'cdktf.IResolvable';
/** Begins the names of what only reads. */
const DATA_SOURCE = /^Data(?:Aws|Cloudflare)/;
/** Of every resource of the cdktf, not of its provider. */
const OF_CDKTF = new Set(['id', 'timeouts']);

/** Reads what Terraform's provider says of a resource from the metadata of its package of the cdktf. */
export const terraform = (jsii: Jsii) => {
  const declarations = Object.values(jsii.types);

  const typeOf = (type: JsiiType): ValueType => {
    if (type.primitive !== undefined) return type.primitive as 'string' | 'number' | 'boolean' | 'any';
    if (type.collection) {
      const element = typeOf(type.collection.elementtype);
      return type.collection.kind === 'array' ? { list: element } : { map: element };
    }
    if (type.union) {
      const known = type.union.types.filter(({ fqn }) => fqn !== RESOLVABLE);
      if (known.length === 1 && known[0]) return typeOf(known[0]);
      throw new Error(`a union of ${JSON.stringify(known)}`);
    }
    const declared = jsii.types[type.fqn ?? ''];
    if (declared?.kind === 'interface') return { object: objectOf(declared) };
    throw new Error(`no description of ${type.fqn}`);
  };

  const objectOf = (declared: JsiiDeclaration): ObjectType =>
    Object.fromEntries(
      (declared.properties ?? [])
        .filter(({ name }) => !OF_CDKTF.has(name) || !declared.name.endsWith('Config'))
        .map(({ name, optional, type }) => [
          name,
          optional ? { type: typeOf(type) } : { type: typeOf(type), required: true as const },
        ]),
    );

  return (resource: string): { inputs: ObjectType; computed: string[] } => {
    const found = declarations.find(
      ({ kind, name, docs }) =>
        kind === 'class' && !DATA_SOURCE.test(name) && docs?.summary?.endsWith(` ${resource}}.`),
    );
    const config = jsii.types[`${found?.fqn}Config`];
    if (!found || !config) throw new Error(`the cdktf does not describe ${resource}`);
    const inputs = objectOf(config);
    const computed = (found.properties ?? [])
      .filter(({ name, static: isStatic }) => !isStatic && !(name in inputs) && !name.endsWith('Input'))
      .map(({ name }) => name)
      .sort();
    return { inputs, computed };
  };
};
