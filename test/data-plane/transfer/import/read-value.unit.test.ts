import { describe, expect, it } from 'vitest';
import { readValue } from '../../../../data-plane/transfer/import/mapping/read-value.js';
import type { ColumnSpec } from '../../../../data-plane/transfer/import/mapping/schema.js';

const MONEY = 'numeric(8,2)';
const read = (cell: string, type: string, spec: ColumnSpec = {}) => readValue(cell, spec, type, 'UTC');

describe('a cell', () => {
  it.each<[string, string, ColumnSpec, string]>([
    ['12', 'integer', {}, '12'],
    ['12.00', 'integer', {}, '12'],
    [' -7 ', 'bigint', {}, '-7'],
    ['55.5', MONEY, {}, '55.5'],
    ['55.500', MONEY, {}, '55.50'],
    ['55,50', MONEY, { decimal: ',' }, '55.50'],
    ['1.234,56', MONEY, { decimal: ',' }, '1234.56'],
    ['1,234.56', MONEY, { decimal: '.' }, '1234.56'],
    ['1 234,56', MONEY, { decimal: ',' }, '1234.56'],
    ['1\u202f234', MONEY, { decimal: ',' }, '1234'],
    ['1’234.56', MONEY, { decimal: '.' }, '1234.56'],
    ['1.234.567', MONEY, { decimal: ',' }, '1234567'],
    ['1.234', MONEY, { thousands: '.' }, '1234'],
    ["1'234'567.5", MONEY, { thousands: "'" }, '1234567.5'],
    ['55,505', MONEY, { decimal: ',', round: true }, '55.505'],
    ['1.23456', 'numeric', {}, '1.23456'],
    ['1.5|2', 'numeric(4,1)[]', { list: '|' }, '{"1.5","2"}'],
    ['12E3', 'text', {}, '12E3'],
    ["'s Hertogenbosch = 5", 'text', {}, "'s Hertogenbosch = 5"],
    ['0012', 'text', { length: 4 }, '0012'],
    ['29/02/1980', 'date', { date: 'dd/MM/yyyy' }, '1980-02-29'],
    ['29-2-1980', 'date', { date: 'dd-MM-yyyy' }, '1980-02-29'],
    ['1980-02-29', 'date', {}, '1980-02-29'],
    ['3.46E+10', 'text', { map: new Map([['3.46E+10', '+34 600']]) }, '+34 600'],
    ['ma\u0301s', 'text', { map: new Map([['más', 'more']]) }, 'more'],
  ])('%j is read as %s %j', (cell, type, spec, text) => {
    expect(read(cell, type, spec)).toEqual({ text });
  });

  it.each<[string, string, ColumnSpec, RegExp]>([
    ['NaN', MONEY, {}, /is not a number/],
    ['nan', 'double precision', {}, /is not a number/],
    ['-Infinity', MONEY, {}, /is not a number/],
    ['0x1F', 'integer', {}, /is not a number/],
    ['1_000', 'integer', {}, /is not a number/],
    ['1e3', MONEY, {}, /is not a number/],
    ['12,50 €', MONEY, { decimal: ',' }, /signs of currencies/],
    ['12,50', MONEY, {}, /say `decimal`/],
    ['1.234,56', MONEY, {}, /say `decimal`/],
    ['12,34,567', MONEY, { decimal: '.' }, /is not a number/],
    ['1.234', MONEY, { decimal: ',' }, /may have decimals or thousands/],
    ['1,234', 'integer', { decimal: '.' }, /may have decimals or thousands/],
    ['1 234', MONEY, { thousands: '.' }, /and "\." between thousands/],
    ['55,505', MONEY, { decimal: ',' }, /more decimals than numeric\(8,2\) keeps \(2\).*round: true/],
    ['99.999', MONEY, {}, /more decimals/],
    ['1.5', 'integer', {}, /more decimals than integer keeps \(0\): correct it$/],
    ['1234', 'numeric(3,-2)', {}, /more decimals/],
    ['1|NaN', 'numeric[]', { list: '|' }, /is not a number/],
    ['3,46E+10', 'text', {}, /shortened/],
    ['3.46E+10', MONEY, {}, /shortened/],
    ["'0012", 'text', {}, /marked as text/],
    ['="0012"', 'text', {}, /formula/],
    ['=SUM(A1:A2)', 'text', {}, /formula/],
    ['#N/A', 'text', {}, /error of a spreadsheet/],
    ['#¡VALOR!', 'text', {}, /error of a spreadsheet/],
    ['#####', 'date', {}, /error of a spreadsheet/],
    ['Bego\ufffda', 'text', {}, /U\+FFFD/],
    ['\ufeffBego', 'text', {}, /byte order mark/],
    ['BegoÃ±a', 'text', {}, /wrong encoding/],
    ['Bego\u0096a', 'text', {}, /control characters/],
    ['12', 'text', { length: 4 }, /lose zeros/],
    ['02/28/1980', 'date', { date: 'dd/MM/yyyy' }, /is one as MM\/dd\/yyyy/],
    ['01/02/80', 'date', { date: 'dd/MM/yyyy' }, /two digits/],
    ['80-01-02', 'date', {}, /two digits/],
    ['29252', 'date', { date: 'dd/MM/yyyy' }, /spreadsheets keep days/],
    ['29252,5', 'timestamp with time zone', {}, /spreadsheets keep days/],
    ['01/02/0080', 'date', { date: 'dd/MM/yyyy' }, /lose its century/],
    ['0080-02-01 10:00', 'timestamp with time zone', {}, /lose its century/],
    ['2026-01-01 10:00:00.5', 'timestamp(0) with time zone', {}, /more decimals/],
    ['infinity', 'date', {}, /is not a date/],
  ])('%j is not read as %s %j', (cell, type, spec, fault) => {
    const result = read(cell, type, spec);
    expect(result).toEqual({ fault: expect.stringMatching(fault) });
    // The value may be a person's.
    expect(JSON.stringify(result)).not.toContain(`"${cell}"`);
  });
});
