// How grave lines are, in the same words for all programs.

import { createLevelReader, isLevel, levelOf } from '../../../../src/sources/log/formats/level.js';

describe('the level of a line', () => {
  test.each([
    ['debug', ['trace', 'TRACE', 'Debug', 'fine', 'FINER', 'FINEST', 'Verbose', 'D', 'd', 10, '20']],
    ['info', ['info', 'INFO', 'Info', 'iNFo', 'notice', 'informational', 'Information', 'I', 30]],
    ['warning', ['warn', 'WARNING', ' Warn ', 'W', 40, '40']],
    ['error', ['err', 'ERROR', 'SEVERE', 'E', 50]],
    ['fatal', ['fatal', 'CRIT', 'critical', 'ALERT', 'emerg', 'Emergency', 'PANIC', 'F', 60]],
    ['other', ['', 'loud', 3, '3', 35, null, undefined, true, {}, 'X', 'constructor']],
  ])('is %s (NE5, GM5)', (expected, values) => {
    expect(values.map((value) => levelOf(value))).toEqual(values.map(() => expected));
  });

  test('is what the user says of a word before anything else', () => {
    const read = createLevelReader({ E: 'debug', '3': 'error', laut: 'warning' });

    expect(['E', 'e', 3, '3', 'laut', 'INFO', 'Laut', undefined].map(read)).toEqual([
      'debug',
      'error',
      'error',
      'error',
      'warning',
      'info',
      'other',
      'other',
    ]);
  });

  test('is one of six words', () => {
    expect(['debug', 'fatal', 'other', 'warn', ''].map(isLevel)).toEqual([true, true, true, false, false]);
  });
});
