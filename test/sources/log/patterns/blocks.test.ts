// Building blocks: what each shape takes for its own, and what it does not.

import { BLOCKS, expandBlocks } from '../../../../src/sources/log/patterns/blocks.js';
import { Pattern } from '../../../../src/sources/log/patterns/pattern.js';
import { runawayProblem } from '../../../../src/sources/log/patterns/runaway.js';

const SHAPES: readonly [shape: string, good: readonly string[], bad: readonly string[]][] = [
  [
    'timestamp',
    [
      '2025-11-26T08:46:00Z',
      '2025-11-26T08:46:00.123456789+01:00',
      '2025-11-26 08:46:00,123',
      '2025-11-26T08:46',
      '2025-11-26T08:46:00+0100',
      '2016-12-31T23:59:60Z',
    ],
    ['2025-11-26', '26.11.2025 08:46:00', '2025-31-26T08:46:00', '2025-11-46T08:46:00', '2025-11-26T38:46:00', '08:46:00'],
  ],
  [
    'syslog_time',
    ['Nov  6 08:46:00', 'Nov 26 08:46:00', 'Jan 1 08:46:00', 'Jan 01 23:59:60'],
    ['Now  6 08:46:00', 'nov  6 08:46:00', 'Nov 46 08:46:00', 'Nov  6 8:46:00'],
  ],
  ['http_time', ['26/Nov/2025:08:46:00 +0100', '01/Jan/2026:00:00:00 -0530'], ['26/11/2025:08:46:00 +0100', '26/Nov/2025 08:46:00 +0100']],
  ['ctime', ['Wed Nov 26 08:46:00 2025', 'Thu Jan  1 00:00:00 1970'], ['Nov 26 08:46:00 2025', 'Wed Nov 26 2025 08:46:00']],
  [
    'host',
    ['localhost', 'a', 'sftp-1.example.ch', 'DB_SERVER01', '10.0.0.1', 'fe80::1%eth0', '2001:db8::8'],
    ['', '-a', 'a.', 'a..b:', 'exämple.ch', 'a b'],
  ],
  [
    'ip',
    '0.0.0.0 10.0.0.1 192.168.100.200 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 2001:db8::8 2001:DB8:0:0:8:800:200C:417A 1:2:3:4:5:6:7:: ::2:3:4:5:6 ::ffff:10.0.0.1 64:ff9b::192.0.2.33 1:2:3:4:5:6:192.0.2.33'.split(
      ' ',
    ),
    ['256.1.1.1', '1.2.3', '1.2.3.4.5', '1.2.3.', '08:46:00', '1:2:3:4:5:6:7', '12345::1', 'g::1', ':1', '1:2:3:4:5:6:7:8:9', 'localhost'],
  ],
  ['number', ['0', '-1', '+1.5', '.5', '5.', '1e9', '6.02E+23', '1.5e-3'], ['', '.', '-', '1,5', '1.2.3', 'e9', '0x1f', '1e']],
  ['integer', ['0', '-12', '+7', '0123456789'], ['', '1.5', '1e3', '- 1', 'x']],
  ['word', ['INFO', 'worker_7', '42'], ['', 'worker-7', 'a b', 'é']],
  ['notspace', ['worker-7', '[http-8080]', 'é', 'a=b;c'], ['', 'a b', ' a', 'a\t']],
  ['rest', ['', 'a', 'a b\nc  '], []],
  ['quoted', ['""', '"a b"', '"say \\"yes\\""', '"back\\\\"', '"two\nlines"'], ['a', '"a', '"a"b"', '"a\\"', "'a'"]],
  [
    'path',
    ['/', '/var/log/app.log', '/api/v1/orders?id=1&x=[2]', 'C:\\Logs\\app.log', 'C:/Logs', '\\\\server\\share\\a.log'],
    ['', 'var/log', '/a b', '/a"b', '<a>', 'CD:\\x'],
  ],
  [
    'uuid',
    ['123e4567-e89b-12d3-a456-426614174000', '123E4567-E89B-12D3-A456-426614174000'],
    ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400', 'g23e4567-e89b-12d3-a456-426614174000'],
  ],
  [
    'level',
    ['INFO', 'info', 'Warn', 'WARNING', 'Information', 'ERR', 'error', 'crit', 'FINEST', 'SEVERE', 'emerg'],
    ['', 'INFOS', 'ok', 'warns'],
  ],
];

/** What the shape captures, if it matches the whole text. */
function captured(shape: string, text: string): string | undefined {
  return Pattern.compile(`^%{${shape}:it}$`).exec(text)?.[1];
}

describe('building blocks', () => {
  test.each(SHAPES)('%s takes what looks like one, and nothing else', (shape, good, bad) => {
    const content = (text: string) => (shape === 'quoted' ? text.slice(1, -1) : text);

    expect(good.map((text) => captured(shape, text))).toEqual(good.map(content));
    expect(bad.filter((text) => captured(shape, text) !== undefined)).toEqual([]);
  });

  test('all have examples', () => {
    expect(SHAPES.map(([shape]) => shape).toSorted()).toEqual(BLOCKS.toSorted());
  });

  test.each(BLOCKS.map((shape) => [shape]))('%s cannot run away, and could go to the linear engine', (shape) => {
    expect(runawayProblem(`^%{${shape}:one} %{${shape}} x$`)).toBeUndefined();
    expect(Pattern.compile(`%{${shape}:it}`).demote('a test').engine).toBe('linear');
  });

  test('become groups: with a name they are captured, without they are not', () => {
    const pattern = Pattern.compile('^%{timestamp:time} %{word} (?<message>.*)$');

    expect(pattern.groups).toEqual(['time', 'message']);
    expect(pattern.exec('2025-11-26T08:46:00Z INFO up')?.slice(1)).toEqual(['2025-11-26T08:46:00Z', 'up']);
  });

  test('can be repeated as a whole', () => {
    expect(Pattern.compile('^(?:%{integer},?)+$').test('1,-2,3')).toBe(true);
    expect(Pattern.compile('^%{level}{2}$').test('INFOWARN')).toBe(true);
  });

  test('are left alone where they are none: escaped, in a class, or a repeated per cent sign', () => {
    expect(['\\%{word}', '[%{word}]', '100%{2}', '%{1,3}', 'a%b'].map((source) => expandBlocks(source).source)).toEqual([
      '\\%{word}',
      '[%{word}]',
      '100%{2}',
      '%{1,3}',
      'a%b',
    ]);
    expect(expandBlocks('\\\\%{integer}').source).toBe('\\\\(?:[+-]?\\d+)');
  });

  test.each([
    ['%{tmestamp:time}', 'no building block %{tmestamp} (is it "timestamp"?); there are timestamp, syslog_time,'],
    ['%{GREEDYDATA}', 'no building block %{GREEDYDATA}; there are timestamp, syslog_time,'],
    ['%{constructor}', 'no building block %{constructor}; there are'],
    ['%{word:my-name}', '"my-name" in %{word:my-name} must be a name of letters, digits and _, e.g. %{word:size}'],
    ['^%{word', 'the building block %{word is not closed; write %{shape} or %{shape:name}'],
  ])('are refused with what would be right: %s', (source, message) => {
    expect(() => Pattern.compile(source)).toThrow(SyntaxError);
    expect(() => Pattern.compile(source)).toThrow(message);
  });

  test('can be quoted as the user wrote them', () => {
    const source = '^%{word:a} - %{integer}x';
    const expanded = expandBlocks(source);
    const digits = expanded.source.indexOf('\\d');

    expect(expanded.quote(0, expanded.source.length)).toBe(source);
    expect(expanded.quote(digits, digits + 2)).toBe('%{integer}');
    expect(expanded.quote(expanded.source.indexOf(' - '), digits)).toBe(' - %{integer}');
    expect(expanded.quote(expanded.source.length - 1, expanded.source.length)).toBe('x');
  });
});
