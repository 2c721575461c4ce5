import type { LoadedManifest } from '../../manifest/index.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import { type Judgement, judge } from '../../policies/judge.js';
import { NO_PROMISES } from '../../policies/subject.js';

/** What the policies say of a manifest by itself. Its subject is its slug: a path is another on every machine. */
export const judgeManifest = (
  { tenant }: Pick<LoadedManifest, 'tenant'>,
  exceptions: readonly Exception[],
): Judgement[] => judge([{ kind: 'manifest', tenant }], { ...NO_PROMISES, tenants: [tenant], exceptions });
