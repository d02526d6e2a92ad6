// Transcripts are read by people, on a page and in a terminal: bounded, without secrets, without control characters.

import { History, Recorder } from '../../../src/sources/endpoints/transcript.js';
import { FakeClock } from '../../fake-clock.js';

function texts(...said: readonly string[]): string[] {
  const recorder = new Recorder(new FakeClock());
  for (const line of said) recorder.say(line);
  return recorder.end(undefined).lines.map(({ text }) => text);
}

describe('a transcript', () => {
  test('has each line with its time, and how it ended', async () => {
    const clock = new FakeClock('2026-03-02T08:00:00Z');
    const recorder = new Recorder(clock);
    await clock.advance(12);
    recorder.say('connected');
    await clock.advance(30);

    const transcript = recorder.end('timeout in wait');

    expect(transcript).toEqual({
      at: Date.parse('2026-03-02T08:00:00Z'),
      durationMs: 42,
      failure: 'timeout in wait',
      lines: [{ afterMs: 12, text: 'connected' }],
    });
  });

  test('hides secrets wherever they stand: said before they were known, in the failure, encoded, one within another', () => {
    const recorder = new Recorder(new FakeClock());
    recorder.say('> AUTH pass&word');
    recorder.hide('pass&word');
    recorder.hide('pass&word-and-more');
    recorder.hide('say "hi"');
    recorder.say(`> ?key=${encodeURIComponent('pass&word')} ${Buffer.from('pass&word').toString('base64')}`);
    recorder.say('> pass&word-and-more');
    recorder.say(`> ${JSON.stringify({ token: 'say "hi"' })}`);

    const { lines, failure } = recorder.end('auth in login: pass&word was refused');

    expect(lines.map(({ text }) => text)).toEqual(['> AUTH ***', '> ?key=*** ***', '> ***', '> {"token":"***"}']);
    expect(failure).toBe('auth in login: *** was refused');
  });

  test('hides each line of a key', () => {
    const recorder = new Recorder(new FakeClock());
    recorder.hide('-----BEGIN KEY-----\nMC4CAQAwBQYDK2Vw\nBCIEIJ1hsZ3v\n-----END KEY-----\n');
    recorder.say('odd: MC4CAQAwBQYDK2Vw');

    expect(recorder.end(undefined).lines[0]?.text).toBe('odd: ***');
  });

  test('hides a short secret where it is a word, without blackening everything', () => {
    const recorder = new Recorder(new FakeClock());
    recorder.hide('ab');
    recorder.hide('');
    recorder.say('about ab');

    expect(recorder.end(undefined).lines[0]?.text).toBe('about ***');
  });

  test('shows control characters, and those that turn text around, as what they are', () => {
    expect(texts('220 \u001b[31mred\u001b[0m\r\n', 'a\u202eb', 'tag \u{e0001}')).toEqual([
      '220 \\u001b[31mred\\u001b[0m\\u000d\\u000a',
      'a\\u202eb',
      'tag \\u{e0001}',
    ]);
  });

  test('is well formed where it is cut', () => {
    const [text = ''] = texts(`${'x'.repeat(299)}😀 and more`);

    expect(text.isWellFormed()).toBe(true);
    expect(text).toHaveLength(301);
  });

  test('is bounded: lines, their length, and all of it', () => {
    const many = texts(...Array.from({ length: 250 }, (_, index) => `line ${index}`));
    const long = texts(...Array.from({ length: 100 }, () => 'x'.repeat(100_000)));

    expect(many).toHaveLength(101);
    expect(many.at(-1)).toBe('… and 150 more lines');
    expect(long.join('').length).toBeLessThan(8_100);
    expect(long.at(-1)).toBe('… and 74 more lines');
  });

  test('takes nothing any more once it is made', () => {
    const recorder = new Recorder(new FakeClock());
    recorder.say('one');
    const transcript = recorder.end(undefined);

    recorder.say('too late');

    expect(transcript.lines).toHaveLength(1);
  });
});

const transcript = (at: number, failure?: string) => ({ at, durationMs: 1, failure, lines: [] });

describe('the history of an endpoint', () => {
  test('keeps the last ones, and those that failed apart, newest first', () => {
    const history = new History();
    history.keep(2);
    for (const one of [transcript(1, 'down'), transcript(2, 'down'), transcript(3), transcript(4), transcript(5)]) history.add(one);

    expect(history.last.map(({ at }) => at)).toEqual([5, 4]);
    expect(history.failed.map(({ at }) => at)).toEqual([2, 1]);
  });

  test('lets go of the oldest ones where it may keep fewer', () => {
    const history = new History();
    history.keep(3);
    for (let at = 1; at <= 3; at++) history.add(transcript(at, 'down'));

    history.keep(1);

    expect(history.last.map(({ at }) => at)).toEqual([3]);
    expect(history.failed.map(({ at }) => at)).toEqual([3]);
  });
});
