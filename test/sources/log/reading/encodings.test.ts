// Which encodings a log may be in, and what is said of the others.

import { encodingProblem } from '../../../../src/sources/log/reading/encodings.js';

describe('names of encodings', () => {
  test.each([
    'utf-8',
    'UTF8',
    'us-ascii',
    'utf-16le',
    'UTF-16',
    'windows-1252',
    'ISO-8859-15',
    'latin1',
    'cp850',
    'macintosh',
    'Shift_JIS',
    'gb18030',
  ])('%s is taken', (name) => {
    expect(encodingProblem(name)).toBeUndefined();
  });

  test.each([
    ['windos-1252', '"windos-1252" is no encoding that is known (is it "windows-1252"?)'],
    ['utf-8x', '"utf-8x" is no encoding that is known (is it "utf-8"?)'],
    ['utf-32', 'in "utf-32" the byte 0x0A may be part of a character, so that line ends cannot be found: let the file be written in UTF-8'],
    [
      'UCS-4BE',
      'in "UCS-4BE" the byte 0x0A may be part of a character, so that line ends cannot be found: let the file be written in UTF-8',
    ],
    ['ebcdic', '"ebcdic" is an EBCDIC code page, in which the byte 0x0A is no line end: convert the file, or let it be written in UTF-8'],
    ['cp1047', '"cp1047" is an EBCDIC code page, in which the byte 0x0A is no line end: convert the file, or let it be written in UTF-8'],
    ['base64', '"base64" is no encoding that log files are written in'],
    ['utf-7', '"utf-7" is no encoding that log files are written in'],
  ])('%s is refused with the reason', (name, message) => {
    expect(encodingProblem(name)).toContain(message);
  });
});
