// The log of the demo: lines as exporters.yaml reads them, in files that rotate by rename.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PassedEvent } from '../../demo/events.js';
import { KEPT, ROTATE_BYTES, RotatingLog } from '../../demo/rotating-log.js';

const AT = Date.parse('2026-11-23T08:00:00.250Z');
const event: PassedEvent = {
  type: 'passed',
  at: AT,
  id: 1,
  flow: 'factures-tge',
  partner: 'chuv',
  stage: 'validated',
  result: 'REFUSED',
  code: 'TGE-310-duplicate',
  durationMs: 812,
  bytes: 1234,
  record: 'log',
};

describe('the log of the demo', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-log-'));
    path = join(folder, 'log', 'exchange.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('has one JSON object for each message received and each stage passed, of flows that are logged', () => {
    new RotatingLog(path).apply([{ ...event, stage: 'received', result: 'OK' }, event, { ...event, record: 'history' }]);

    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      '{"time":"2026-11-23T08:00:00.250Z","event":"received","flow":"factures-tge","partner":"chuv","size":1234}',
      '{"time":"2026-11-23T08:00:00.250Z","event":"passed","flow":"factures-tge","partner":"chuv","stage":"validated","result":"REFUSED","duration_ms":812}',
      '',
    ]);
  });

  test('is renamed before it grows too large, keeps three old files, and loses no line among those', () => {
    const log = new RotatingLog(path);
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...event, durationMs: index }));

    for (let start = 0; start < many.length; start += 500) log.apply(many.slice(start, start + 500));
    const rotated = readdirSync(join(folder, 'log')).toSorted();
    const files = [...rotated].toReversed();
    const numbers = files.flatMap((name) =>
      readFileSync(join(folder, 'log', name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => Number(/"duration_ms":(\d+)}$/.exec(line)?.[1])),
    );

    expect(rotated).toEqual(['exchange.log', 'exchange.log.1', 'exchange.log.2']);
    expect(numbers).toEqual(many.map(({ durationMs }) => durationMs));
    expect(files.every((name) => statSync(join(folder, 'log', name)).size <= ROTATE_BYTES)).toBe(true);

    for (let round = 0; round < 4; round++) log.apply(many);
    expect(existsSync(`${path}.${KEPT}`)).toBe(true);
    expect(existsSync(`${path}.${KEPT + 1}`)).toBe(false);
  });
});
