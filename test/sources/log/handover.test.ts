// A reload loses no line and counts none twice; what is handed over can be written to a file.

import { open } from 'node:fs/promises';
import type { LogOptions } from '../../../src/sources/log/schema.js';
import { counting, invoices, lines, Rig } from './rig.js';

/** Nothing of the log stands in the record. */
const FINGERPRINT = /^[\w-]{22}$/;

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(async () => {
  await rig.remove();
});

describe('a log source after a reload', () => {
  test('goes on where it was, in the middle of a line too', async () => {
    await rig.follow();
    await rig.write('app.log', `${lines(3)}{"id"`);
    await rig.look();
    await rig.append('app.log', `:1}\n${lines(2)}`);

    await rig.start();
    await rig.look();

    expect(rig.received).toBe(6);
  });

  test('finds files again that were rotated meanwhile, and reads those that came', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.look();
    await rig.stop();
    await rig.append('app.log', lines(2));
    await rig.rename('app.log', 'app.log.1');
    await rig.write('app.log', lines(4));

    await rig.start();
    await rig.look();

    expect(rig.received).toBe(9);
  });

  test('notices that a file was cut meanwhile, and knows its copy', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.look();
    await rig.stop();
    await rig.append('app.log', lines(2));
    await rig.copyAndTruncate('app.log', 'app.log.1');
    await rig.append('app.log', lines(4));

    await rig.start();
    await rig.look();

    expect(rig.received).toBe(9);
  });

  test('keeps the positions when it is reloaded again before it looked', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.look();

    await rig.start();
    await rig.start();
    await rig.look();

    expect(rig.received).toBe(3);
  });

  test('has read to its end what could not be found again', async () => {
    await rig.follow();
    const writer = await open(rig.path('app.log'), 'a');
    await writer.write(lines(1));
    await rig.look();
    await rig.unlink('app.log');
    await rig.write('app.log', '');
    await rig.look();
    await writer.write(lines(2));

    await rig.start();
    await rig.look();

    await writer.close();
    expect(rig.received).toBe(3);
  });

  test('has read the last record of several lines of such a file', async () => {
    const options: LogOptions = {
      ...counting,
      format: 'text',
      multiline: { start: '^>' },
      events: [{ ...counting.events[0], match: 'a\nb$' }],
    };
    await rig.follow(options);
    await rig.write('app.log', '>a\nb\n>a\nb\n');
    await rig.look();
    expect(rig.received).toBe(1);
    await rig.unlink('app.log');

    await rig.start(options);

    expect(rig.received).toBe(2);
  });

  test('has open what was open, though it vanishes before the first look', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.start();
    await rig.unlink('app.log');
    await rig.write('app.log', '');

    await rig.look();

    expect(rig.received).toBe(3);
  });

  test('hands over the same however often it is closed', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.look();

    await rig.closeAgain();
    await rig.killAndStart();
    await rig.look();

    expect(rig.received).toBe(3);
  });

  test('begins at the end of files that only a new glob names', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.write('other.log', lines(7));
    await rig.look();

    await rig.start({ ...counting, files: ['app.log*', 'other.log'] });
    await rig.look();
    await rig.append('other.log', lines(1));
    await rig.look();

    expect(rig.received).toBe(4);
  });

  test('keeps counters, and drops the series of events and metrics that are no more', async () => {
    const metrics = [{ name: 'app_lines_total', help: 'Lines.', labels: ['text'] }];
    await rig.follow({ ...counting, metrics });
    await rig.write('app.log', lines(3));
    await rig.look();

    await rig.start({ ...counting, events: [{ ...counting.events[0], stage: 'processed' }], metrics });

    expect(rig.series('flow_messages_total', { stage: 'received' })).toEqual([]);
    expect(rig.series('flow_messages_total', { stage: 'processed' })).toHaveLength(invoices.partners.length * 3 - 3);
    expect(rig.value('app_lines_total')).toBe(3);
    expect(rig.lines('matched')).toBe(3);
  });

  test('looks on after a reload although the look before it was cut short', async () => {
    await rig.follow();
    await rig.write('app.log', lines(20_000, 'x'.repeat(100)));
    const looking = rig.look();

    await rig.start();
    await looking;
    await rig.look();

    expect(rig.received).toBe(20_000);
  });

  test('hands over a record that survives being written as JSON', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await rig.look();
    await rig.copyAndTruncate('app.log', 'elsewhere');
    await rig.look();

    const state = await rig.stop();

    expect(state).toMatchObject({
      reading: {
        version: 2,
        savedAt: rig.clock.now(),
        globs: ['app.log*'],
        files: [{ id: expect.stringMatching(/^\d+:\d+:\d+$/), size: 0, position: 0, head: '', tail: '' }],
        gone: [
          { position: expect.any(Number), head: expect.stringMatching(FINGERPRINT), tail: expect.stringMatching(FINGERPRINT), unread: 0 },
        ],
        archives: [],
      },
    });
  });
});
