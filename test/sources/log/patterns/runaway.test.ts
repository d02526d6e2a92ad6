// What `vigie check` says of patterns that can run away.

import { runawayProblem } from '../../../../src/sources/log/patterns/runaway.js';
import { USUAL } from './usual.js';

const WORST = (times: string) => `can take exponential time (30 times ${times} can keep it busy for seconds, 40 for hours)`;

describe('vigie check of a pattern', () => {
  test.each([
    [
      '^(?:a+)+$',
      `"(?:a+)+" ${WORST('"a"')}, as it repeats "a+", which repeats already: repeat one of the two only, or let each repetition begin with what "a+" cannot match; the same without is "^a+$"`,
    ],
    [
      'x(?<all>(\\S+ ?)+)$',
      `"(\\S+ ?)+" ${WORST('"A"')}, as it repeats "\\S+", which repeats already: repeat one of the two only, or let each repetition begin with what "\\S+" cannot match`,
    ],
    [
      '^(%{word:name},?)*$',
      `"(%{word:name},?)*" ${WORST('"A"')}, as it repeats "%{word:name}", which repeats already: repeat one of the two only, or let each repetition begin with what "%{word:name}" cannot match`,
    ],
    [
      '^(?:[^=]+=[^ ]+ ?)*$',
      `"(?:[^=]+=[^ ]+ ?)*" ${WORST('"A"')}, as both "[^ ]+" and "[^=]+" in it match "A": let one of the two exclude it`,
    ],
    ['^(?:\\d|\\w)+$', `"(?:\\d|\\w)+" ${WORST('"0"')}, as both "\\d" and "\\w" in it match "0": let one of the two exclude it`],
    ['a(?:.|\\n)*b', `"(?:.|\\n)*" ${WORST('"\\n"')}, as both "." and "\\n" in it match "\\n": let one of the two exclude it`],
    ['^(?:ab|ab)*c', `"(?:ab|ab)*" ${WORST('"ab"')}, as both "ab" and "ab" in it match "ab": let one of the two exclude it`],
  ])('warns of exponential time: %s', (source, message) => {
    expect(runawayProblem(source)).toEqual({ exponential: true, message });
  });

  test.each([
    [
      '^(?<x>.*),(?<y>.*),(?<z>.*);',
      '"(?<x>.*),(?<y>.*),(?<z>.*)" can take minutes on a line of 10 KB, as ".*", ".*" and ".*" match "," and all ways of sharing it out among them are tried: let each stop where the next begins, e.g. "[^,]*" in place of ".*"',
    ],
    [
      '(?<a>\\d+)(?<b>\\d+)x',
      '"(?<a>\\d+)(?<b>\\d+)" can take minutes on a line of 10 KB, as "\\d+" and "\\d+" match "0" and all ways of sharing it out among them are tried, from each position on: join them, or let each exclude what the next one begins with',
    ],
    [
      '^%{rest:a} %{rest:b} %{rest:c}=',
      '"%{rest:a} %{rest:b} %{rest:c}" can take minutes on a line of 10 KB, as "%{rest:a}", "%{rest:b}" and "%{rest:c}" match a blank and all ways of sharing it out among them are tried: let each stop where the next begins, e.g. "[^ ]*" in place of "%{rest:a}"',
    ],
  ])('warns of what takes minutes on a long line: %s', (source, message) => {
    expect(runawayProblem(source)).toEqual({ exponential: false, message });
  });

  test('says what happens to a pattern that the linear engine does not know', () => {
    expect(runawayProblem('^(?=(a+)+$)')?.message).toMatch(
      /; when that happens, the pattern is switched off, as the linear engine does not know the look-around "\(\?=\(a\+\)\+\$\)"$/,
    );
    expect(runawayProblem('^(%{quoted:x}+)+(?<!%{word})$')?.message).toMatch(/ the look-around "\(\?<!%\{word\}\)"$/);
  });

  test.each(USUAL.map((source) => [source]))('says nothing of %s', (source) => {
    expect(runawayProblem(source)).toBeUndefined();
  });

  test.each([
    ['the square of the length, as with every search for white space at the end', '^(?<a>.*) (?<b>.*) (?<c>\\d+)$'],
    ['nothing behind it that could fail', 'begin(.|\\n)*$'],
    ['nothing behind it at all', 'x(?:a|a)*'],
    ['alternatives that begin in different ways', '^(?:a|b|[^ab])*$'],
    ['repetitions that begin with what is not in them', '^\\w+(?:\\.\\w+)*$'],
  ])('says nothing of %s', (_, source) => {
    expect(runawayProblem(source)).toBeUndefined();
  });

  test('refuses what is no pattern', () => {
    expect(() => runawayProblem('(')).toThrow(SyntaxError);
    expect(() => runawayProblem('%{nosuch}')).toThrow('no building block %{nosuch}');
  });
});
