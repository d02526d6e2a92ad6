// The ledger of acknowledgements: what waits for its answer, and what the answers say.

import { SourceError } from '../../../src/sources/kind.js';
import type { AcknowledgementOptions } from '../../../src/sources/exchanges/acknowledgements/check.js';
import { of, Rig, START } from './rig.js';

const byName: AcknowledgementOptions = {
  flow: 'factures-tge',
  stage: 'answered',
  sent: { directory: '/out', files: String.raw`(?<partner>[a-z]+)_(?<key>\d+)\.xml` },
  answers: { directory: '/ack', files: String.raw`(?<outcome>ACK|NAK)_(?<key>\d+)\.txt`, outcome: { map: { ACK: 'ok', NAK: 'rejected' } } },
  within: '2h',
};

const inXml: AcknowledgementOptions = {
  ...byName,
  answers: {
    directory: '/ack',
    files: String.raw`.*\.xml`,
    key: { xml: 'Acknowledgement/Header/Reference' },
    outcome: { xml: 'Acknowledgement/@status', map: { OK: 'ok', KO: 'rejected' }, otherwise: 'error' },
    max_bytes: 1000,
  },
};

function rig(options: Partial<AcknowledgementOptions> = {}): Rig {
  return new Rig({ acknowledgements: { invoices: { ...byName, ...options } } });
}

const COUNTS = ['flow_responses_total', 'flow_responses_unmatched_total', 'flow_responses_late_total', 'flow_responses_forgotten_total'];
const STATE = ['flow_response_pending', 'flow_response_oldest_pending_timestamp_seconds'];

function total(partner: string, outcome: string, value: number): string {
  return `flow_responses_total{flow="factures-tge",partner="${partner}",stage="answered",outcome="${outcome}"} ${value}`;
}

function unmatched(reason: string, value: number): string {
  return `flow_responses_unmatched_total{flow="factures-tge",stage="answered",reason="${reason}"} ${value}`;
}

function acknowledgement(reference: string, status: string): string {
  return `<?xml version="1.0"?><a:Acknowledgement xmlns:a="urn:a" status="${status}"><Header><Reference> ${reference} </Reference></Header></a:Acknowledgement>`;
}

describe('the ledger of acknowledgements', () => {
  test('GM1: has every series at 0, then what waits, and what was accepted and rejected, with its duration', async () => {
    const one = rig();
    const empty = await one.look();
    one.store.put('/out/chuv_1.xml', { modified: START - 600 });
    one.store.put('/out/chuv_2.xml', { modified: START - 300 });
    one.store.put('/out/hug_3.xml', { modified: START - 100 });
    const waiting = await one.look();
    one.store.put('/ack/ACK_1.txt', { modified: START });
    one.store.put('/ack/NAK_3.txt', { modified: START });
    const answered = await one.look();

    expect(empty).toContain(total('chuv', 'rejected', 0));
    expect(empty).toContain(unmatched('no_key', 0));
    expect(of(empty, ...COUNTS, ...STATE)).toEqual([]);
    expect(of(waiting, ...STATE)).toEqual([
      `flow_response_oldest_pending_timestamp_seconds{flow="factures-tge",partner="chuv",stage="answered"} ${START - 600}`,
      `flow_response_oldest_pending_timestamp_seconds{flow="factures-tge",partner="hug",stage="answered"} ${START - 100}`,
      'flow_response_pending{flow="factures-tge",partner="chuv",stage="answered"} 2',
      'flow_response_pending{flow="factures-tge",partner="hug",stage="answered"} 1',
    ]);
    expect(of(answered, ...COUNTS, ...STATE, 'flow_response_duration_seconds')).toEqual([
      'flow_response_duration_seconds{flow="factures-tge",partner="chuv",stage="answered"} 1 events, sum 600',
      'flow_response_duration_seconds{flow="factures-tge",partner="hug",stage="answered"} 1 events, sum 100',
      `flow_response_oldest_pending_timestamp_seconds{flow="factures-tge",partner="chuv",stage="answered"} ${START - 300}`,
      'flow_response_pending{flow="factures-tge",partner="chuv",stage="answered"} 1',
      total('chuv', 'ok', 1),
      total('hug', 'rejected', 1),
    ]);
  });

  test('counts what was answered later than `within`', async () => {
    const one = rig();
    one.store.put('/out/chuv_1.xml', { modified: START - 7201 });
    one.store.put('/out/chuv_2.xml', { modified: START - 7200 });
    await one.look();
    one.store.put('/ack/ACK_1.txt');
    one.store.put('/ack/ACK_2.txt');

    expect(of(await one.look(), 'flow_responses_late_total', 'flow_response_within_seconds')).toEqual([
      'flow_response_within_seconds{flow="factures-tge",partner="chuv",stage="answered"} 7200',
      'flow_response_within_seconds{flow="factures-tge",partner="hug",stage="answered"} 7200',
      'flow_responses_late_total{flow="factures-tge",partner="chuv",stage="answered"} 1',
    ]);
  });

  test('remembers outgoing files that the partner has taken away, and takes none again that was answered', async () => {
    const one = rig();
    one.store.put('/out/chuv_1.xml');
    one.store.put('/out/chuv_2.xml');
    await one.look();
    one.store.files.delete('/out/chuv_1.xml');
    const taken = await one.look();
    one.store.put('/ack/ACK_1.txt');
    one.store.put('/ack/ACK_2.txt');
    await one.look();
    const after = await one.look();

    expect(of(taken, 'flow_response_pending')).toEqual(['flow_response_pending{flow="factures-tge",partner="chuv",stage="answered"} 2']);
    expect(of(after, 'flow_response_pending', ...COUNTS)).toEqual([total('chuv', 'ok', 2)]);
  });

  test('settles what was there at the first look, and counts nothing of it', async () => {
    const one = rig();
    one.store.put('/out/chuv_1.xml');
    one.store.put('/out/chuv_2.xml');
    one.store.put('/ack/ACK_1.txt');
    one.store.put('/ack/ACK_77.txt');

    expect(of(await one.look(), 'flow_response_pending', ...COUNTS)).toEqual([
      'flow_response_pending{flow="factures-tge",partner="chuv",stage="answered"} 1',
    ]);
  });

  test('IR1: counts each answer once over restarts, and goes on from its counters', async () => {
    const one = rig();
    await one.look();
    one.store.put('/out/chuv_1.xml');
    one.store.put('/out/chuv_2.xml');
    await one.look();
    one.store.put('/ack/ACK_1.txt');
    await one.look();
    await one.restart();
    const restarted = await one.look();
    one.store.put('/ack/NAK_2.txt');
    const later = await one.look();

    expect(of(restarted, ...COUNTS)).toEqual([total('chuv', 'ok', 1)]);
    expect(of(later, ...COUNTS, 'flow_response_pending')).toEqual([total('chuv', 'ok', 1), total('chuv', 'rejected', 1)]);
  });

  test('counts nothing that is not on the disk, and counts it once when it is', async () => {
    const one = rig();
    await one.look();
    one.store.put('/out/chuv_1.xml');
    one.store.put('/ack/ACK_1.txt');
    one.record('invoices').failure = new SourceError('state', 'state', 'the disk is full');
    const error = await one.failed();
    const shown = of(one.accumulators.get('invoices') ? linesOf(one) : [], ...COUNTS);
    one.record('invoices').failure = undefined;

    expect(error).toMatchObject({ phase: 'state', errorClass: 'state' });
    expect(shown).toEqual([]);
    expect(of(await one.look(), ...COUNTS)).toEqual([total('chuv', 'ok', 1)]);
    expect(of(await one.look(), ...COUNTS)).toEqual([total('chuv', 'ok', 1)]);
  });

  test('refuses a record that is none of ours, and says what to do', async () => {
    const one = rig();
    one.record('invoices').text = '{"version":7}';

    expect((await one.failed()).message).toContain('delete it to begin anew');
  });

  test('counts answers that match nothing, by why', async () => {
    const one = rig(inXml);
    await one.look();
    one.store.put('/ack/a.xml', { content: acknowledgement('99', 'OK') });
    one.store.put('/ack/b.xml', { content: '<Acknowledgement/>' });
    one.store.put('/ack/c.xml', { content: `<Acknowledgement>${'x'.repeat(1000)}</Acknowledgement>` });
    one.store.put('/ack/d.xml', { content: 'no XML' });
    one.store.put('/ack/e.xml.part', { content: 'not yet' });
    await one.look();

    expect(of(await one.look(), ...COUNTS)).toEqual([
      unmatched('no_key', 1),
      unmatched('too_large', 1),
      unmatched('unknown', 1),
      unmatched('unreadable', 1),
    ]);
  });

  test('finds key and outcome inside XML, and reads each answer once only', async () => {
    const one = rig(inXml);
    await one.look();
    for (const key of ['1', '2', '3']) one.store.put(`/out/hug_${key}.xml`);
    one.store.put('/ack/a.xml', { content: acknowledgement('1', 'OK') });
    one.store.put('/ack/b.xml', { content: acknowledgement('2', 'KO') });
    one.store.put('/ack/c.xml', { content: acknowledgement('3', '???') });
    const found = await one.look();
    await one.restart();
    await one.look();

    expect(of(found, ...COUNTS)).toEqual([total('hug', 'error', 1), total('hug', 'ok', 1), total('hug', 'rejected', 1)]);
    expect(one.store.reads).toEqual(['/ack/a.xml', '/ack/b.xml', '/ack/c.xml']);
  });

  test('finds them inside JSON and any text', async () => {
    const inJson = rig({
      answers: {
        directory: '/ack',
        files: '.*',
        key: { json: '$.ref' },
        outcome: { json: '$.result.ok', map: { true: 'ok', false: 'rejected' } },
      },
    });
    const inText = rig({
      answers: {
        directory: '/ack',
        files: '.*',
        key: { regex: String.raw`REF=(?<key>\d+)` },
        outcome: { regex: 'OK|KO', map: { OK: 'ok', KO: 'rejected' } },
      },
    });
    for (const one of [inJson, inText]) {
      await one.look();
      one.store.put('/out/hug_1.xml');
    }
    inJson.store.put('/ack/a', { content: '{"ref": 1, "result": {"ok": false}}' });
    inText.store.put('/ack/a', { content: 'REF=1;KO' });

    expect(of(await inJson.look(), ...COUNTS)).toEqual([total('hug', 'rejected', 1)]);
    expect(of(await inText.look(), ...COUNTS)).toEqual([total('hug', 'rejected', 1)]);
  });

  test('reads an answer again that was not whole', async () => {
    const one = rig(inXml);
    await one.look();
    one.store.put('/out/hug_1.xml');
    one.store.put('/ack/a.xml', { content: acknowledgement('1', 'OK').slice(0, 60) });
    const half = await one.look();
    one.store.put('/ack/a.xml', { content: acknowledgement('1', 'OK') });

    expect(of(half, ...COUNTS)).toEqual([]);
    expect(of(await one.look(), ...COUNTS)).toEqual([total('hug', 'ok', 1)]);
  });

  test.each([
    [
      'a billion laughs',
      'unknown',
      '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;"><!ENTITY n "&m;&m;&m;&m;">]><Acknowledgement status="&n;"><Header><Reference>&n;</Reference></Header></Acknowledgement>',
    ],
    [
      'a file of ours',
      'unreadable',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Acknowledgement status="OK"><Header><Reference>&x;</Reference></Header></Acknowledgement>',
    ],
  ])('resolves no entities of other people: %s is %s', async (_name, reason, content) => {
    const one = rig(inXml);
    await one.look();
    one.store.put('/ack/a.xml', { content });
    await one.look();

    expect(of(await one.look(), ...COUNTS)).toEqual([unmatched(reason, 1)]);
  });

  test('counts what could be read, and fails where an answer may not be', async () => {
    const one = rig(inXml);
    await one.look();
    one.store.put('/out/hug_1.xml');
    one.store.put('/ack/a.xml', { content: acknowledgement('1', 'OK') });
    one.store.failures.set('read', new SourceError('read', 'permission', '/ack: the user may not'));
    const error = await one.failed();
    one.store.failures.clear();

    expect(error.errorClass).toBe('permission');
    expect(of(await one.look(), ...COUNTS)).toEqual([total('hug', 'ok', 1)]);
  });

  test('gives up what is too old, and says so', async () => {
    const one = rig({ give_up_after: '1d' });
    one.store.put('/out/chuv_1.xml');
    await one.look();
    await one.clock.advance(86_400_000 + 1000);

    expect(of(await one.look(), 'flow_response_pending', ...COUNTS)).toEqual([
      'flow_responses_forgotten_total{flow="factures-tge",partner="chuv",stage="answered",reason="age"} 1',
    ]);
  });

  test('waits for no more than fifty thousand at once, and counts the others', async () => {
    const one = rig();
    for (let key = 0; key < 50_003; key++) one.store.put(`/out/chuv_${key}.xml`);

    expect(of(await one.look(), 'flow_response_pending', ...COUNTS)).toEqual([
      'flow_response_pending{flow="factures-tge",partner="chuv",stage="answered"} 50000',
      'flow_responses_forgotten_total{flow="factures-tge",partner="chuv",stage="answered",reason="full"} 3',
    ]);
  });
});

function linesOf(one: Rig): string[] {
  return [...(one.accumulators.get('invoices')?.observations() ?? [])].map(
    ({ metric, value }) => `${metric.name}{} ${typeof value === 'number' ? value : value.count}`,
  );
}
