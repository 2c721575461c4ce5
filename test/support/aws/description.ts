import { readFileSync } from 'node:fs';

/** What a value is, by Terraform's description. An object's names are Terraform's, in camel case. */
export type ValueType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  | { readonly oneOf: readonly string[] }
  | { readonly list: ValueType }
  | { readonly map: ValueType }
  | { readonly object: ObjectType };

export type ObjectType = Readonly<Record<string, { readonly type: ValueType; readonly required?: true }>>;

/** What limits an input, and who says so. Numbers of strings and lists are lengths. */
export interface Limit {
  readonly source: 'aws-service-spec' | 'botocore' | 'cdktf';
  readonly oneOf?: readonly (string | number)[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Another input that excludes it. */
  readonly not?: string;
}

/** A resource type as others describe it. */
export interface Description {
  readonly terraform: string;
  /** By their names in Terraform. */
  readonly inputs: ObjectType;
  /** What the cloud computes, by the names of Terraform. */
  readonly computed: readonly string[];
  /** By the path of an input of the package of Pulumi. */
  readonly limits: Readonly<Record<string, readonly Limit[]>>;
  /** What is in inputs that are JSON in a text, by the API's own names. */
  readonly documents?: Readonly<Record<string, ValueType>>;
  /** Inputs of the package of Pulumi that no update changes. */
  readonly replacedBy: readonly string[];
}

export interface Descriptions {
  /** The packages that they were made from (`npm run aws:descriptions`, `npm run cloudflare:descriptions`). */
  readonly madeFrom: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Description>>;
}

export const DESCRIPTIONS: Descriptions = JSON.parse(
  readFileSync(new URL('./descriptions.json', import.meta.url), 'utf8'),
);
