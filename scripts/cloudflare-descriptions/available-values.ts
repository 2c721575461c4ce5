import type { Limit } from '../../test/support/aws/description.js';
import type { Jsii } from '../aws-descriptions/terraform.js';

const VALUES = /Available values: ((?:"[^"]+"(?:, )?)+)/;

/**
 * Reads the words that an input may be from its documentation, by its path. Terraform's provider for Cloudflare has them there, where the
 * one for AWS has none.
 */
export const availableValues = (jsii: Jsii) => {
  const found = (fqn: string, path: string): [string, Limit[]][] =>
    (jsii.types[fqn]?.properties ?? []).flatMap(({ name, type, docs = {} }): [string, Limit[]][] => {
      const at = path === '' ? name : `${path}.${name}`;
      const said = VALUES.exec(`${docs.summary ?? ''} ${docs.remarks ?? ''}`)?.[1];
      const words = [...(said ?? '').matchAll(/"([^"]+)"/g)].map(([, word = '']) => word);
      const inner = nestedOf(type).flatMap((nested) => found(nested, at));
      return words.length > 0 ? [[at, [{ source: 'cdktf', oneOf: words }]], ...inner] : inner;
    });
  return (config: string): Record<string, Limit[]> => Object.fromEntries(found(config, ''));
};

type JsiiType = NonNullable<Jsii['types'][string]['properties']>[number]['type'];

/** Names of the objects that a value has. */
const nestedOf = (type: JsiiType): string[] => {
  const { fqn, collection, union } = type;
  if (collection) return nestedOf(collection.elementtype);
  if (union) return union.types.flatMap(nestedOf);
  return fqn === undefined ? [] : [fqn];
};
