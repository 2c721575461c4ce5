import * as pulumi from '@pulumi/pulumi';
import type { z } from 'zod';

type Arguments<I extends z.ZodObject> = { [Key in keyof z.input<I>]: pulumi.Input<z.input<I>[Key]> };
type Outputs<O extends z.ZodObject> = { readonly [Key in keyof z.infer<O>]: pulumi.Output<z.infer<O>[Key]> };

/** A resource type of package `ringfence`, as a program declares it. */
export interface DeclaredType<I extends z.ZodObject, O extends z.ZodObject> {
  readonly type: string;
  new (
    name: string,
    args: Arguments<I>,
    options?: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource & Outputs<O>;
}

/**
 * The class with which programs declare a resource.
 * @param _inputs name and type its arguments. The provider checks them, not this class: a value may come from another
 * resource.
 * @param outputs are the names of its outputs besides its inputs.
 */
export const declareResource = <I extends z.ZodObject, O extends z.ZodObject>(
  type: string,
  _inputs: I,
  outputs?: O,
): DeclaredType<I, O> => {
  const unknown = Object.fromEntries(Object.keys(outputs?.shape ?? {}).map((name) => [name, undefined]));
  const declared = class extends pulumi.CustomResource {
    static readonly type = type;
    constructor(name: string, args: Arguments<I>, options?: pulumi.CustomResourceOptions) {
      super(type, name, { ...args, ...unknown }, options);
    }
  };
  return declared as unknown as DeclaredType<I, O>;
};
