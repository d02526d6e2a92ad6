// Records on a disk.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultStateFolder, stateRecord } from '../../src/exporter/state-store.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-state-'));
  file = join(folder, 'exchange-db', 'lausanne%2Fprocessed.json');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function record() {
  return stateRecord(folder, 'exchange-db', 'lausanne/processed');
}

describe('a record', () => {
  test('is not there at first, and is what was written from then on', async () => {
    const before = await record().read();
    await record().write({ watermark: '17', counts: [1, 2.5, 9007199254740991] });

    expect(before).toBeUndefined();
    expect(await record().read()).toEqual({ watermark: '17', counts: [1, 2.5, 9007199254740991] });
    expect(await readdir(join(folder, 'exchange-db'))).toEqual(['lausanne%2Fprocessed.json']);
  });

  test('is replaced as a whole', async () => {
    const one = record();
    await one.write({ long: 'x'.repeat(10_000) });
    await one.write({ short: 1 });

    expect(await record().read()).toEqual({ short: 1 });
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['changed', (text: string) => text.replace('"watermark":"17"', '"watermark":"18"')],
    ['empty', () => ''],
    ['of another kind', () => '[]'],
  ])('that is %s is an error with a choice, never a start from zero', async (_how, damage) => {
    await record().write({ watermark: '17' });
    await writeFile(file, damage(await readFile(file, 'utf8')));

    const reading = record().read();

    await expect(reading).rejects.toMatchObject({ phase: 'state', errorClass: 'state' });
    await expect(record().read()).rejects.toThrow(
      `the record ${file}: it is damaged, so nobody knows what was counted already: put back a copy of it, or delete it to begin anew as \`start\` or \`from\` says`,
    );
  });

  test('of another collector, or of a later version, is refused', async () => {
    await record().write({ watermark: '17' });
    const text = await readFile(file, 'utf8');

    await writeFile(file, text.replace('lausanne/processed', 'geneve/processed'));
    await expect(record().read()).rejects.toThrow('it is the record of exchange-db/geneve/processed');
    await writeFile(file, text.replace('"version":1', '"version":2'));
    await expect(record().read()).rejects.toThrow('another version of Vigie (format 2; this one knows 1)');
  });

  test('that two processes write is refused to the one that did not write last', async () => {
    const one = record();
    const other = record();
    await one.read();
    await other.read();
    await one.write({ by: 'one' });

    await expect(other.write({ by: 'other' })).rejects.toThrow('another process has written it meanwhile');
    expect(await record().read()).toEqual({ by: 'one' });
  });

  test('that a look must not change stays as it is', async () => {
    await record().write({ watermark: '17' });
    const look = stateRecord(folder, 'exchange-db', 'lausanne/processed', { readOnly: true });

    await look.write({ watermark: '18' });

    expect(await look.read()).toEqual({ watermark: '17' });
  });

  test('that cannot be written says why, and leaves what was there', async () => {
    await record().write({ watermark: '17' });
    const blocked = stateRecord(join(file, 'below-a-file'), 'exchange-db', 'processed');

    await expect(blocked.write({})).rejects.toMatchObject({ phase: 'state', errorClass: 'state' });
    expect(await record().read()).toEqual({ watermark: '17' });
  });

  test('in a folder that may not be written names the option', async () => {
    // Nobody makes folders there, not even root.
    const forbidden = stateRecord('/sys/vigie-state', 'exchange-db', 'processed');

    await expect(forbidden.write({})).rejects.toThrow('name a folder that may be written with --state-dir');
  });
});

describe('the folder of the records', () => {
  test('is that which systemd gives the service, the first of several', () => {
    expect(defaultStateFolder('/etc/vigie/exporters.yaml', { STATE_DIRECTORY: '/var/lib/vigie:/var/lib/other' })).toBe('/var/lib/vigie');
  });

  test('is beside the YAML otherwise', () => {
    expect(defaultStateFolder('/etc/vigie/exporters.yaml', {})).toBe('/etc/vigie/.vigie/state');
  });
});
