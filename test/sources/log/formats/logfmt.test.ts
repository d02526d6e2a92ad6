// Lines of key=value pairs.

import { parseLogfmt } from '../../../../src/sources/log/formats/logfmt.js';
import { Random } from './random.js';

function read(line: string): Record<string, unknown> | undefined {
  const fields = parseLogfmt(line);
  return fields && { ...fields };
}

describe('a line of logfmt', () => {
  test.each([
    ['flow=invoices partner=chuv bytes=512', { flow: 'invoices', partner: 'chuv', bytes: '512' }],
    ['msg="upload done" bytes=1', { msg: 'upload done', bytes: '1' }],
    ['  a=1\tb=2 \r', { a: '1', b: '2' }],
    ['partner=Zürich msg="✓ größer" ключ=значение', { partner: 'Zürich', msg: '✓ größer', ключ: 'значение' }],
  ])('gives its fields (GM5): %s', (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  test.each([
    ['bare keys are true', 'retried a=1 last', { retried: true, a: '1', last: true }],
    ['nothing after = is the empty text', 'a= b="" c=', { a: '', b: '', c: '' }],
    ['escapes of JSON hold in quotes', String.raw`m="say \"hi\"\n\t\\ \u00e9 \ud83d\ude00 \/"`, { m: 'say "hi"\n\t\\ é 😀 /' }],
    ['separators in quotes are text', 'm="a=1 b" c=2', { m: 'a=1 b', c: '2' }],
    ['the last of two pairs with one key holds', 'a=1 a=2', { a: '2' }],
    ['a pair may follow a closing quote at once', 'a="1"b=2', { a: '1', b: '2' }],
    ['an = within a value is part of it', 'url=http://x/?a=b&c=d', { url: 'http://x/?a=b&c=d' }],
    ['a quote within a value is part of it', `size=5" a=1`, { size: '5"', a: '1' }],
    ['unknown escapes stay as they are', String.raw`path="C:\Users\x" u="\u12"`, { path: String.raw`C:\Users\x`, u: String.raw`\u12` }],
    ['backslashes outside quotes are text', String.raw`path=C:\new a=1`, { path: String.raw`C:\new`, a: '1' }],
    ['what has no key is passed over', '=x "GET /a=b" a=1 =', { a: '1' }],
    ['a quote that nobody closes is text', 'a=1 "b', { a: '1', '"b': true }],
  ])('%s', (_what, line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  test.each(['', '   ', 'upload done', '"quoted=text"', '= ==', '=x', 'a=1 m="cut off', String.raw`m="cut off\"`])(
    'is none without a pair, and where a value is cut off: %j',
    (line) => {
      expect(parseLogfmt(line)).toBeUndefined();
    },
  );

  test('may have keys that mean something to JavaScript: they are keys like any other', () => {
    const fields = parseLogfmt('__proto__=a constructor=b toString');

    expect(Object.keys(fields ?? {})).toEqual(['__proto__', 'constructor', 'toString']);
    expect(fields?.['__proto__']).toBe('a');
    expect(parseLogfmt('a=1')?.['constructor']).toBeUndefined();
    expect(Reflect.get({}, 'a')).toBeUndefined();
  });

  test('gives only the fields that are wanted, where somebody says so', () => {
    const wanted = new Set(['flow', 'retried', 'msg']);

    expect({ ...parseLogfmt('flow=invoices bytes=1 msg="a \\"b\\"" retried done x="y z"', wanted) }).toEqual({
      flow: 'invoices',
      msg: 'a "b"',
      retried: true,
    });
    expect({ ...parseLogfmt('bytes=1', wanted) }).toEqual({});
    expect(parseLogfmt('retried', wanted)).toBeUndefined();
  });

  test('is read back as it was written, whatever stands in it', () => {
    const random = new Random(4);
    for (let round = 0; round < 3000; round++) {
      const written = Object.fromEntries(
        Array.from({ length: 1 + random.below(6) }, (_, index) => [
          `k${index}${random.text('abé.-_@:/\\', 5)}`,
          random.text('ab =\\"\n\t\u0001é😀,;\u2028', 12),
        ]),
      );
      const line = Object.entries(written)
        .map(([key, value]) => `${key}=${/^[\w@,;]*$/.test(value) && random.below(2) === 0 ? value : JSON.stringify(value)}`)
        .join(random.below(2) === 0 ? ' ' : '  ');

      expect(read(line)).toEqual(written);
    }
  });

  test.each([
    ['quotes', ' "a'.repeat(200_000)],
    ['pairs of quotes', ' x="'.repeat(200_000)],
    ['escaped quotes', String.raw` "\"`.repeat(200_000)],
    ['backslashes', `a="${'\\'.repeat(1_000_000)}`],
    ['equals signs', '='.repeat(1_000_000)],
  ])('takes no longer than its length allows: %s', (_what, line) => {
    const start = performance.now();

    parseLogfmt(line);

    expect(performance.now() - start).toBeLessThan(1000);
  });
});
