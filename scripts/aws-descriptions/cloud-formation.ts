import type { Limit, ObjectType } from '../../test/support/aws/description.js';
import type { ResourceType } from '../../test/support/aws/resource-types.js';

interface SpecType {
  readonly type: string;
  readonly allowedValues?: readonly (string | number)[];
  readonly element?: SpecType;
}

interface SpecResource {
  readonly cloudFormationType: string;
  readonly properties: Readonly<
    Record<
      string,
      { readonly type: SpecType; readonly causesReplacement?: string; readonly documentation?: string }
    >
  >;
}

interface Spec {
  readonly schema: { readonly resource: { readonly entities: readonly SpecResource[] } };
}

/** Reads what CloudFormation says of a resource's properties from `@aws-cdk/aws-service-spec`. */
export const cloudFormation =
  (spec: Spec) =>
  (
    { cloudFormation: name, cloudFormationNames = {}, sentences = [] }: ResourceType,
    inputs: ObjectType,
  ): { limits: Record<string, Limit[]>; replacedBy: string[] } => {
    if (name === null) return { limits: {}, replacedBy: [] };
    const resource = spec.schema.resource.entities.find((one) => one.cloudFormationType === name);
    if (!resource) throw new Error(`@aws-cdk/aws-service-spec does not describe ${name}`);
    const lower = new Map(Object.keys(resource.properties).map((key) => [key.toLowerCase(), key]));
    const limits: Record<string, Limit[]> = {};
    const replacedBy: string[] = [];
    for (const input of new Set([...Object.keys(inputs), ...Object.keys(cloudFormationNames)])) {
      const property =
        resource.properties[cloudFormationNames[input] ?? lower.get(input.toLowerCase()) ?? ''];
      if (!property) continue;
      const oneOf = property.type.allowedValues ?? property.type.element?.allowedValues;
      if (oneOf) limits[input] = [{ source: 'aws-service-spec', oneOf }];
      if (property.causesReplacement === 'yes') replacedBy.push(input);
    }
    for (const { input, property, says, limit } of sentences) {
      const text = resource.properties[property]?.documentation ?? '';
      if (!text.includes(says)) throw new Error(`${name} ${property} does not say: ${says}`);
      limits[input] = [...(limits[input] ?? []), { source: 'aws-service-spec', ...limit }];
    }
    return { limits, replacedBy };
  };
