// EN12: is a delivery what its manifest announced?

import type { DeliveryOptions } from '../../../src/sources/exchanges/deliveries/check.js';
import { of, Rig, START } from './rig.js';

const options: DeliveryOptions = {
  flow: 'factures-tge',
  stage: 'received',
  manifests: { directory: '/in', files: String.raw`(?<partner>[a-z]+)_(?<key>\d+)\.manifest`, count: { json: '$.packages' } },
  packages: { directory: '/in/packages', files: String.raw`(?<key>\d+)_\d+\.zip` },
};

function rig(changes: Partial<DeliveryOptions> = {}): Rig {
  return new Rig({ deliveries: { releases: { ...options, ...changes } } });
}

const METRICS = [
  'flow_delivery_expected_packages',
  'flow_delivery_packages',
  'flow_delivery_timestamp_seconds',
  'flow_deliveries_incomplete',
  'flow_delivery_incomplete_oldest_timestamp_seconds',
  'flow_delivery_unreadable_manifests',
];
const labels = 'flow="factures-tge",partner="chuv",stage="received",delivery="releases"';

describe('a delivery', () => {
  test('EN12: is incomplete while packages are missing, with the time of the oldest', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.manifest', { content: '{"packages": 2}', modified: START - 900 });
    one.store.put('/in/chuv_2.manifest', { content: '{"packages": 3}', modified: START - 600 });
    for (const name of ['1_1.zip', '2_1.zip', '2_2.zip', '9_1.zip']) one.store.put(`/in/packages/${name}`);
    const incomplete = await one.look();
    one.store.put('/in/packages/1_2.zip');
    one.store.put('/in/packages/2_3.zip');
    const complete = await one.look();

    expect(of(incomplete, ...METRICS)).toEqual([
      `flow_deliveries_incomplete{${labels}} 2`,
      `flow_delivery_expected_packages{${labels}} 3`,
      `flow_delivery_incomplete_oldest_timestamp_seconds{${labels}} ${START - 900}`,
      `flow_delivery_packages{${labels}} 2`,
      `flow_delivery_timestamp_seconds{${labels}} ${START - 600}`,
    ]);
    expect(of(complete, ...METRICS)).toEqual([
      `flow_delivery_expected_packages{${labels}} 3`,
      `flow_delivery_packages{${labels}} 3`,
      `flow_delivery_timestamp_seconds{${labels}} ${START - 600}`,
    ]);
  });

  test('EN12: is incomplete too where there are more packages than announced', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.manifest', { content: '{"packages": 0}' });
    one.store.put('/in/packages/1_1.zip');

    expect(of(await one.look(), 'flow_deliveries_incomplete')).toHaveLength(1);
  });

  test('has every series at 0 while there is none', async () => {
    const found = await rig().look();

    expect(found).toHaveLength(12);
    expect(found.every((line) => line.endsWith(' 0'))).toBe(true);
  });

  test.each<[string, DeliveryOptions['manifests']['count'], string]>([
    ['a number in JSON', { json: '$.a.count' }, '{"a": {"count": 3}}'],
    ['a list in JSON', { json: '$.packages' }, '{"packages": ["a", "b", "c"]}'],
    ['nodes of JSON', { json: '$.packages[*].name' }, '{"packages": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}'],
    ['a number in XML', { xml: 'Delivery/@packages' }, '<Delivery packages="3"/>'],
    [
      'elements of XML',
      { xml: '//Package' },
      '<Delivery><Package>a</Package><More><Package>b</Package><Package>c</Package></More></Delivery>',
    ],
    ['a text', { regex: String.raw`packages: (?<count>\d+)` }, 'delivery of today\npackages: 3\n'],
    ['a column of CSV', { csv: 'packages', delimiter: ';' }, 'part;packages\r\n"a;b";1\r\nc;2\r\n'],
    ['lines', { lines: 1 }, 'name\na.zip\nb.zip\n\nc.zip\n'],
  ])('is announced by %s', async (_name, count, content) => {
    const one = rig({ manifests: { ...options.manifests, count } });
    one.store.put('/in/chuv_1.manifest', { content });

    expect(of(await one.look(), 'flow_delivery_expected_packages')).toEqual([`flow_delivery_expected_packages{${labels}} 3`]);
  });

  test('has an unreadable manifest where it says no number, and is neither complete nor incomplete then', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.manifest', { content: 'no JSON' });
    one.store.put('/in/chuv_2.manifest', { content: '{}' });
    one.store.put('/in/chuv_3.manifest', { size: 1_000_000 });

    expect(of(await one.look(), ...METRICS)).toEqual([`flow_delivery_unreadable_manifests{${labels}} 3`]);
  });

  test('has its manifest read again only where that has changed', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.manifest', { content: '{"packages": 2}' });
    await one.look();
    await one.look();
    const reads = one.store.reads.length;
    one.store.put('/in/chuv_1.manifest', { content: '{"packages": 25}' });

    expect(reads).toBe(1);
    expect(of(await one.look(), 'flow_delivery_expected_packages')).toEqual([`flow_delivery_expected_packages{${labels}} 25`]);
  });

  test('may have its packages beside the manifest, in one listing', async () => {
    const one = rig({ packages: { files: String.raw`(?<key>\d+)_\d+\.zip` } });
    one.store.put('/in/chuv_1.manifest', { content: '{"packages": 1}' });
    one.store.put('/in/1_1.zip');

    expect(of(await one.look(), 'flow_delivery_packages', 'flow_deliveries_incomplete')).toEqual([`flow_delivery_packages{${labels}} 1`]);
  });
});
