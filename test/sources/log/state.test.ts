// What a log source keeps over restarts, and what it does where it cannot.

import { SourceError } from '../../../src/sources/kind.js';
import { counting, lines, Rig } from './rig.js';

const full = new SourceError('state', 'state', 'the record files.json: it cannot be written (the disk is full)');

describe('the record of a log source', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
    await rig.follow();
  });
  afterEach(async () => {
    await rig.remove();
  });

  test('goes on after a kill where it stands: each line counts once', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    await rig.append('app.log', lines(2));

    await rig.killAndStart();
    expect(rig.received).toBe(3);
    await rig.look();

    expect(rig.received).toBe(5);
    expect(rig.lines('matched')).toBe(5);
  });

  test('shows nothing that is not on the disk', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    rig.record.failure = full;
    await rig.append('app.log', lines(2));

    await expect(rig.look()).rejects.toThrow('the disk is full');
    expect(rig.received).toBe(3);

    rig.record.failure = undefined;
    await rig.look();
    expect(rig.received).toBe(5);
  });

  test('reads on while the disk is full, so that rotation takes nothing away', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    rig.record.failure = full;
    await rig.append('app.log', lines(2));
    await rig.look().catch(() => undefined);
    await rig.unlink('app.log');
    await rig.write('app.log', lines(1));
    await rig.look().catch(() => undefined);

    rig.record.failure = undefined;
    await rig.look();

    expect(rig.received).toBe(6);
  });

  test('counts once what was read and not kept before a kill', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    rig.record.failure = full;
    await rig.append('app.log', lines(2));
    await rig.look().catch(() => undefined);

    await rig.killAndStart().catch(() => undefined);
    rig.record.failure = undefined;
    await rig.look();

    expect(rig.received).toBe(5);
  });

  test('shows nothing that is not on the disk after a reload either', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    rig.record.failure = full;
    await rig.append('app.log', lines(2));
    await rig.look().catch(() => undefined);

    await rig.start();
    expect(rig.received).toBe(3);
    await rig.look().catch(() => undefined);
    expect(rig.received).toBe(3);

    rig.record.failure = undefined;
    await rig.look();
    expect(rig.received).toBe(5);
  });

  test('that is damaged is an error until somebody mends it, and never a start from zero', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    const good = rig.record.text;
    rig.record.text = '{"version":1,"reading":{}}';

    await rig.killAndStart();

    await expect(rig.look()).rejects.toMatchObject({ errorClass: 'state', message: expect.stringContaining('delete it to begin anew') });
    expect(rig.received).toBeUndefined();

    rig.record.text = good;
    await rig.look();
    expect(rig.received).toBe(3);
  });

  test('is not written again while nothing happens', async () => {
    await rig.write('app.log', lines(3));
    await rig.look();
    rig.record.failure = full;

    await rig.look();

    expect(rig.received).toBe(3);
  });

  test('holds the label sets of own metrics, so that they are there before their next line', async () => {
    const options = { ...counting, metrics: [{ name: 'app_lines_total', help: 'Lines.', labels: ['text'] }] };
    await rig.start(options);
    await rig.write('app.log', lines(3, 'a'));
    await rig.look();

    await rig.killAndStart(options);

    expect(rig.value('app_lines_total', { text: 'a' })).toBe(3);
  });

  test('holds messages that are open: an end after the restart finds its start', async () => {
    const options = {
      ...counting,
      id: 'id',
      correlations: [
        { flow: 'invoices', partner: 'chuv', stage: 'processed', start: { when: { event: 'in' } }, end: { when: { event: 'out' } } },
      ],
    };
    await rig.start(options);
    await rig.write('app.log', '{"event":"in","id":"m1"}\n{"event":"in","id":"m2"}\n');
    await rig.look();

    await rig.killAndStart(options);
    expect(rig.value('flow_backlog_messages', { stage: 'processed', partner: 'chuv' })).toBe(2);
    await rig.append('app.log', '{"event":"out","id":"m2"}\n');
    await rig.look();

    expect(rig.value('flow_backlog_messages', { stage: 'processed', partner: 'chuv' })).toBe(1);
    expect(rig.value('flow_stage_duration_seconds', { stage: 'processed', partner: 'chuv' })).toBe(1);
  });
});
