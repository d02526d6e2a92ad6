// CSV that programs read and spreadsheets do not run.

import { csv } from '../../src/report/csv.js';

describe('csv', () => {
  test('GM10: is of RFC 4180: lines end in CR LF, and what holds a comma, a quote or a line break is quoted', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['x,y', 'say "no"'],
          ['two\nlines', 1.5],
          [undefined, 'é'],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""no"""\r\n"two\nlines",1.5\r\n,é\r\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('makes no formula of the text %j', (text) => {
    expect(csv(['a'], [[text]])).toBe(`a\r\n'${text}\r\n`);
  });

  test('quotes a formula that holds quotes', () => {
    expect(csv(['a'], [['=HYPERLINK("http://x","y")']])).toBe('a\r\n"\'=HYPERLINK(""http://x"",""y"")"\r\n');
  });

  test('leaves numbers as they are, negative ones too', () => {
    expect(csv(['a'], [[-1]])).toBe('a\r\n-1\r\n');
  });
});
