import { expect, test } from 'vitest';
import { requireSized, sizeWith } from '../../../control-plane/cells/size.js';
import { SIZES } from '../../../core/sizes.js';
import { bySetting } from '../../../data-plane/database/server/size/settings.js';
import { LOCAL_SIZES } from '../../../targets/local/sizes.js';

test('each class of a local cell has at least what the one before has, and more of something', () => {
  for (const [at, size] of SIZES.entries()) {
    const before = SIZES[at - 1];
    if (before === undefined) continue;
    const more = bySetting((key) => LOCAL_SIZES[size][key] - LOCAL_SIZES[before][key]);
    expect(Math.min(...Object.values(more)), size).toBeGreaterThanOrEqual(0);
    expect(Math.max(...Object.values(more)), size).toBeGreaterThan(0);
  }
});

test('the class of an instance that is not ours is refused, with the ways that are left', () => {
  const address = { rdsInstance: 'clinics-prod' };
  expect(() => requireSized({ name: 'prod', target: 'aws', address }, 'large')).toThrow(
    'cell prod is on Amazon RDS: the class of instance clinics-prod and its parameter group are its owner’s',
  );
  requireSized({ name: 'here', target: 'local', address: {} }, 'large');
});

test('the smallest class with enough connections for one tenant is named, and none where there is none', () => {
  const here = { target: 'local' };
  expect(sizeWith(here, 190)).toBe('size small');
  expect(sizeWith(here, 191)).toBe('size medium');
  expect(sizeWith(here, 1_000)).toBe('fewer connections: no size has so many');
});
