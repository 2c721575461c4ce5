import { readFileSync } from 'node:fs';

/** What AWS's service authorization reference says of an action. */
export interface IamAction {
  readonly resources: readonly {
    readonly type: string;
    readonly required: boolean;
    /** With `${…}` for what varies. */
    readonly arn: string;
    readonly conditionKeys: readonly string[];
  }[];
  readonly conditionKeys: readonly string[];
}

export interface IamActions {
  /** The package that it was made from (`npm run aws:actions`). */
  readonly madeFrom: Readonly<Record<string, string>>;
  readonly actions: Readonly<Record<string, IamAction>>;
}

export const IAM_ACTIONS: IamActions = JSON.parse(
  readFileSync(new URL('./iam-actions.json', import.meta.url), 'utf8'),
);
