// No environment is open for longer than production: dates that public holidays decide, and hours that flows have themselves.

import { configOf, messages } from './load-text.js';

const BUREAU = `{ timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, holidays: [CH-VD, 2026-12-24], exceptions: { 2026-12-31: '07:00-12:00' } }`;
const CLOSED_THEN = 'production is closed then';

/** Two environments; `acceptance` has the calendar `acceptance`. */
function environments(production: string, acceptance: string, rest = ''): string {
  return `
calendars:
  bureau: ${BUREAU}
  acceptance: ${acceptance}
environments:
  prod: ${production}
  acceptance: { calendar: acceptance }
${rest}`;
}

function office(rest: string): string {
  return `{ timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, ${rest} }`;
}

describe('EN2: dates beside public holidays', () => {
  test('a date on which only production is closed is an error although both keep the holidays of Vaud', async () => {
    const found = await messages(environments('{ calendar: bureau }', office('holidays: [CH-VD]')));

    expect(found).toEqual([
      `exporters.yaml:7:27 error environments.acceptance.calendar: "acceptance" is wider than "bureau" of prod: open on 2026-12-24 07:00-19:00, ${CLOSED_THEN}`,
    ]);
  });

  test('shorter hours of production on a date are an error as well', async () => {
    const found = await messages(environments('{ calendar: bureau }', office('holidays: [CH-VD, 2026-12-24]')));

    expect(found).toEqual([expect.stringContaining(`open on 2026-12-31 12:00-19:00, ${CLOSED_THEN}`)]);
  });

  test('a date that is a public holiday of the environment is none', async () => {
    // In Ticino, the 19th of March is one; the 2nd of August is none.
    const ticino = office('holidays: [CH-TI, CH-VD, 2026-12-24], exceptions: { 2026-12-31: closed }');
    const withJoseph = environments('{ calendar: bureau }', ticino).replace('[CH-VD, 2026-12-24]', '[CH-VD, 2026-12-24, 2027-03-19]');
    const withAugust = withJoseph.replace('2027-03-19', '2027-08-02');

    expect(await messages(withJoseph)).toEqual([]);
    expect(await messages(withAugust)).toEqual([expect.stringContaining(`open on 2027-08-02 07:00-19:00, ${CLOSED_THEN}`)]);
  });
});

test('EN2: where public holidays cannot be computed, that is a warning, and the file is loaded', async () => {
  const text = environments('{ calendar: bureau }', office('holidays: [CH-VD]'));
  const { execPath } = process;

  process.execPath = '/nowhere/node';
  const found = await messages(text).finally(() => (process.execPath = execPath));

  expect(found).toEqual([
    'exporters.yaml:7:27 warning environments.acceptance.calendar: whether "acceptance" is wider than "bureau" of prod on single dates is not known: the public holidays of CH-VD could not be computed',
  ]);
});

/** A flow in some environments, with more keys. */
function flow(where: string, rest = ''): string {
  return `
teams: { t: { email: t@example.org } }
partners: { p: {} }
flows:
  f: { title: F, team: t, direction: inbound, partners: [p], stages: [a], environments: ${where} ${rest} }
`;
}

describe('EN2: flows with hours of their own, where production has none', () => {
  const wide = `{ timezone: Europe/Zurich, open: { mon-sat: '07:00-19:00' }, holidays: [CH-VD] }`;

  test('an environment that is open while the flow is closed in production is an error at the flow', async () => {
    const found = await messages(environments('{}', wide, flow('[prod, acceptance]', ', calendar: bureau')));

    expect(found.filter((message) => message.includes(' error '))).toEqual([
      `exporters.yaml:12:120 error flows.f.calendar: "acceptance" of acceptance is wider than "bureau" of f in prod: open sat 07:00-19:00, ${CLOSED_THEN}`,
    ]);
  });

  test.each([
    [
      'the environment is open for fewer hours',
      BUREAU.replace('07:00-19:00', '08:00-12:00'),
      flow('[prod, acceptance]', ', calendar: bureau'),
    ],
    ['the flow is always open in production', wide, flow('[prod, acceptance]')],
    ['the flow is not in the environment', wide, flow('[prod]', ', calendar: bureau')],
    ['the flow is not in production', wide, flow('[acceptance]', ', calendar: bureau')],
  ])('there is none where %s', async (_, acceptance, text) => {
    const config = await configOf(environments('{}', acceptance, text));

    expect(config.flows).toHaveLength(1);
  });

  test('where production has a calendar, that of the flow does not count', async () => {
    const always = `{ timezone: Europe/Zurich, open: { mon-sun: '00:00-24:00' } }`;
    const text = environments('{ calendar: always }', wide, flow('[prod, acceptance]', ', calendar: bureau'));

    const config = await configOf(text.replace('calendars:', `calendars:\n  always: ${always}`));

    expect(config.flows).toHaveLength(1);
  });
});
