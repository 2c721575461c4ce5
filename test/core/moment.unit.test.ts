import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseMoment } from '../../core/moment.js';

afterEach(() => void vi.unstubAllEnvs());

const inZone = (zone: string, text: string): string | undefined => {
  vi.stubEnv('TZ', zone);
  return parseMoment(text)?.toISOString();
};

describe('parseMoment', () => {
  it.each([
    ['2027-02-28', '2027-02-27T23:00:00.000Z'],
    ['2027-07-01', '2027-06-30T22:00:00.000Z'],
    ['2027-07-01T09:30', '2027-07-01T07:30:00.000Z'],
    ['2027-07-01 09:30:07.5', '2027-07-01T07:30:07.500Z'],
    ['2027-07-01T09:30Z', '2027-07-01T09:30:00.000Z'],
    ['2027-07-01T09:30-05:00', '2027-07-01T14:30:00.000Z'],
    ['2028-02-29T00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('reads %s in Madrid', (text, expected) => {
    expect(inZone('Europe/Madrid', text)).toBe(expected);
  });

  it.each([
    '2027-02-30',
    '2027-02-29T10:00Z',
    '2027-04-31T10:00+02:00',
    '2027-13-01',
    '2027-00-10',
    '2027-03-28T02:30',
    '2027-01-01T24:00',
    '2027-01-01T10:60',
    '2027-01-01T10:00+15:00',
    '2027-01-01T10',
    '2027-1-1',
    '2027',
    '20270101',
    'tomorrow',
    '2027-01-01T10:00 Europe/Madrid',
    '+012027-01-01',
    '',
  ])('refuses %j', (text) => {
    expect(inZone('Europe/Madrid', text)).toBeUndefined();
  });

  it('begins a day when the clocks do, where they skip midnight', () => {
    expect(inZone('Asia/Beirut', '2026-03-29')).toBe('2026-03-28T22:00:00.000Z');
    expect(inZone('Asia/Beirut', '2026-03-29T00:00')).toBeUndefined();
  });
});
