import { expect, test } from 'vitest';
import { OPERATION_KINDS, type OperationKind } from '../../../control-plane/operation/kinds.js';
import { mayTransition, type TenantState } from '../../../core/lifecycle.js';

const ways = (Object.keys(OPERATION_KINDS) as OperationKind[]).flatMap((kind) =>
  Object.entries(OPERATION_KINDS[kind].ways).map(([from, way]) => ({
    kind,
    way: [from as TenantState, ...way],
  })),
);

test.each(ways)('$kind leads a tenant $way by allowed transitions', ({ way }) => {
  const refused = way.slice(1).filter((to, at) => !mayTransition(way[at] as TenantState, to));
  expect(refused).toEqual([]);
});
