// Indicators of flows that lines of a log set.

import type { LogOptions } from '../../../src/sources/log/schema.js';
import { Rig } from './rig.js';

const NAME = 'flow_indicator';
const LOAD = { indicator: 'load', flow: 'invoices', value: 'load %' } as const;

function options(...indicators: NonNullable<LogOptions['indicators']>): LogOptions {
  return { kind: 'log', files: ['app.log*'], format: 'json', indicators };
}

describe('indicators of a log source', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  test('NE1: are what the newest line says, in base units; before the first there is none', async () => {
    await rig.follow(options(LOAD));
    const before = rig.series(NAME);

    await rig.append('app.log', '{"load":70}\n{"load":85}\n{"other":1}\n');
    await rig.look();

    expect(before).toEqual([]);
    expect(rig.series(NAME).map(({ labels, value }) => [labels, value])).toEqual([
      [{ flow: 'invoices', env: 'prod', indicator: 'load' }, 0.85],
    ]);
    expect(rig.lines('malformed')).toBe(1);
  });

  test('NE1: have the partner that the line names, and the stage that the YAML names', async () => {
    await rig.follow(options({ ...LOAD, stage: 'received', partner: { from: 'by' }, when: { event: 'stats' } }));

    await rig.append(
      'app.log',
      '{"event":"stats","by":"chuv","load":10}\n{"event":"stats","by":"hug","load":20}\n{"event":"other","by":"hug","load":99}\n',
    );
    await rig.look();

    const place = { flow: 'invoices', stage: 'received', env: 'prod', indicator: 'load' };
    expect(rig.value(NAME, { ...place, partner: 'chuv' })).toBe(0.1);
    expect(rig.value(NAME, { ...place, partner: 'hug' })).toBe(0.2);
  });

  test('of a partner that is not one of the flow are counted as undeclared, and no series', async () => {
    await rig.follow(options({ ...LOAD, partner: { from: 'by' } }));

    await rig.append('app.log', '{"by":"inconnu","load":10}\n');
    await rig.look();

    expect(rig.series(NAME)).toEqual([]);
    expect(rig.undeclared).toEqual(['partner inconnu']);
  });

  test('stay over a restart, and go when the YAML does not name them any more', async () => {
    await rig.follow(options(LOAD, { ...LOAD, indicator: 'heat', partner: 'chuv' }));
    await rig.append('app.log', '{"load":50}\n');
    await rig.look();

    await rig.killAndStart(options(LOAD, { ...LOAD, indicator: 'heat', partner: 'chuv' }));
    await rig.look();
    const kept = rig.series(NAME).map(({ labels, value }) => [labels['indicator'], labels['partner'], value]);
    await rig.start(options({ ...LOAD, indicator: 'heat', partner: 'hug' }));
    await rig.look();

    expect(kept).toEqual([
      ['load', undefined, 0.5],
      ['heat', 'chuv', 0.5],
    ]);
    expect(rig.series(NAME)).toEqual([]);
  });
});
