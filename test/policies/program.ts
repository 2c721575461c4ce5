import * as pulumi from '@pulumi/pulumi';
import { type Judgement, judge } from '../../policies/judge.js';
import { providersOf } from '../../policies/providers.js';
import type { Rule } from '../../policies/rule.js';
import type { PreviewedResource, Promises } from '../../policies/subject.js';
import { type Properties, UNKNOWN } from '../../policies/values.js';
import { fromWire } from '../../policies/wire-values.js';
import { declaredResources } from '../../stacks/declared-resources.js';
import { promisesOf } from './promises.js';

/** A program that keeps one promise, or breaks it. */
export interface Scenario {
  readonly program: () => void;
  /** What a preview would do with each of its resources; a plain program without it. */
  readonly action?: PreviewedResource['action'];
  readonly promises?: Partial<Promises>;
  /** What is said of a failing one, each as `<name>: <message>`. */
  readonly violations?: readonly string[];
}

/** Declares a resource of any type by its token, as the classes of @pulumi/aws and @pulumi/cloudflare do. */
export const declare = (
  type: string,
  name: string,
  args: pulumi.Inputs = {},
  options: pulumi.CustomResourceOptions = {},
): pulumi.CustomResource & Readonly<Record<'id' | 'arn', pulumi.Output<string>>> => {
  const made = class extends pulumi.CustomResource {
    constructor() {
      super(type, name, { arn: undefined, ...args }, options);
    }
  };
  return new made() as never;
};

/** What a provider of AWS in a region is. */
export const awsIn = (region: string): pulumi.ProviderResource =>
  new (class extends pulumi.ProviderResource {
    constructor() {
      super('aws', `aws-${region}`, { region });
    }
  })();

/** @param options.hidden makes every input unknown, as it may be before anything is deployed. */
export const runScenario = async (
  { program, action, promises }: Scenario,
  rule: Rule,
  options: { hidden?: boolean } = {},
): Promise<Judgement[]> => {
  const declared = await declaredResources('cell.scenario', async () => {
    program();
    return {};
  });
  const providers = providersOf(declared);
  const hide = (inputs: Properties): Properties =>
    Object.fromEntries(Object.keys(inputs).map((key) => [key, UNKNOWN]));
  const subjects = declared.map(({ provider, ...resource }) => {
    const inputs = fromWire(resource.inputs);
    const common = {
      ...resource,
      inputs: options.hidden ? hide(inputs) : inputs,
      outputs: {},
      protect: options.hidden ? undefined : resource.protect,
      provider: options.hidden ? undefined : providers(provider),
    };
    return action
      ? ({ kind: 'preview', action, ...common } as const)
      : ({ kind: 'resource', ...common } as const);
  });
  return judge(subjects, promisesOf(promises), [rule]);
};
