// Lines of separated values.

import { parse } from 'csv-parse/sync';
import { createCsvParser } from '../../../../src/sources/log/formats/csv.js';
import { Random } from './random.js';

function read(line: string, columns: readonly string[], separator?: string): unknown {
  const fields = createCsvParser({ columns, separator }).parse(line);
  return typeof fields === 'string' ? fields : { ...fields };
}

describe('a line of separated values', () => {
  test.each([
    ['a,b,c', { x: 'a', y: 'b', z: 'c' }],
    [',,', { x: '', y: '', z: '' }],
    ['"a,b",c,"d"', { x: 'a,b', y: 'c', z: 'd' }],
    ['"say ""hi""",,""', { x: 'say "hi"', y: '', z: '' }],
    ['"""","a\nb"," c "', { x: '"', y: 'a\nb', z: ' c ' }],
    [' a , é😀,\u2028', { x: ' a ', y: ' é😀', z: '\u2028' }],
  ])('gives its fields (GM5): %j', (line, expected) => {
    expect(read(line, ['x', 'y', 'z'])).toEqual(expected);
  });

  test.each([
    ['a;b,c', ';', { x: 'a', y: 'b,c' }],
    ['a\t"b\tc"', '\t', { x: 'a', y: 'b\tc' }],
    ['a||"b||c"', '||', { x: 'a', y: 'b||c' }],
    ['a|b', '|', { x: 'a', y: 'b' }],
  ])('has the separator of the YAML: %j by %j', (line, separator, expected) => {
    expect(read(line, ['x', 'y'], separator)).toEqual(expected);
  });

  test.each([
    ['a quote within a value', '5" disk,b', { x: '5" disk', y: 'b' }],
    ['text after a closing quote', '"a"b,"c"', { x: '"a"b', y: 'c' }],
    ['a blank before a quote', 'a, "b"', { x: 'a', y: ' "b"' }],
  ])('is read though it is written loosely: %s', (_what, line, expected) => {
    expect(read(line, ['x', 'y'])).toEqual(expected);
  });

  test.each(['a', 'a,b,c', '"a,b"', 'a,"b', '"a,b', '"a,b,c', 'a,"b""'])(
    'is malformed with too few or too many values, and where a quote does not end: %j',
    (line) => {
      expect(read(line, ['x', 'y'])).toBe('malformed');
    },
  );

  test.each(['', '  '])('is of another kind where it is blank: %j', (line) => {
    expect(read(line, ['x', 'y'])).toBe('unmatched');
  });

  test('is of another kind where it repeats the names of the columns', () => {
    expect(read('time,partner', ['time', 'partner'])).toBe('unmatched');
    expect(read('time,chuv', ['time', 'partner'])).toEqual({ time: 'time', partner: 'chuv' });
  });

  test('takes the names of its columns from the first line of its file', () => {
    const parser = createCsvParser({ separator: ';' });

    const header = parser.readHeader('\uFEFFtime; "partner id" ;"size;B"'.replace(' "partner id" ', '"partner id"'));

    expect(header).toEqual(['time', 'partner id', 'size;B']);
    expect({ ...Object(parser.parse('t;p;1', header)) }).toEqual({ time: 't', 'partner id': 'p', 'size;B': '1' });
  });

  test('is malformed as long as nothing names its columns', () => {
    const parser = createCsvParser({});

    expect(parser.parse('a,b')).toBe('malformed');
    expect(parser.parse('a,b', parser.readHeader('a,"b'))).toBe('malformed');
  });

  test('may have columns whose names mean something to JavaScript', () => {
    const parser = createCsvParser({});

    const fields = parser.parse('a,b', parser.readHeader('__proto__,constructor'));

    expect(Object.entries(fields)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  test('has no empty separator', () => {
    expect(() => createCsvParser({ separator: '' })).toThrow('the separator of values must not be empty');
  });

  test('is read back as it was written, and as the library reads it', () => {
    const random = new Random(5);
    for (let round = 0; round < 1500; round++) {
      const separator = [',', ';', '\t', '||'][random.below(4)] ?? ',';
      const values = Array.from({ length: 2 + random.below(5) }, () => random.text('ab ,;|\t"é😀', 8));
      const line = values
        .map((value) => {
          const isPlain = !value.includes('"') && !value.includes(separator[0] ?? '');
          return isPlain && random.below(2) === 0 ? value : `"${value.replaceAll('"', '""')}"`;
        })
        .join(separator);
      if (line.trim() === '') continue;
      const columns = values.map((_, index) => `c${index}`);

      const fields = read(line, columns, separator);

      expect(fields).toEqual(Object.fromEntries(values.map((value, index) => [`c${index}`, value])));
      expect(parse(line, { delimiter: separator })).toEqual([values]);
    }
  });

  test.each([
    ['quotes', '"'.repeat(1_000_001)],
    ['quotes and separators', '",'.repeat(500_001)],
    ['loose quotes', 'a"b,'.repeat(50_000)],
  ])('takes no longer than its length allows: %s', (_what, line) => {
    const start = performance.now();

    read(line, ['x', 'y']);

    expect(performance.now() - start).toBeLessThan(2000);
  });
});
