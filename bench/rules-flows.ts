// A YAML of many flows, of which some have all that may be declared of a flow.

const PARTNERS = 60;
export const STAGES = ['received', 'processed', 'answered'] as const;

export function flowName(index: number): string {
  return `flow-${String(index).padStart(5, '0')}`;
}

/** Three of each flow. */
export function partnersOf(index: number): string[] {
  return [0, 1, 2].map((shift) => `partner-${(index + shift * 7) % PARTNERS}`);
}

export function flowsYaml(count: number): string {
  const flows = Array.from({ length: count }, (_, index) =>
    [`  ${flowName(index)}:`, ...flowLines(index).map((line) => `    ${line}`)].join('\n'),
  );
  return `
environment: prod
environments: { prod: { title: Production, production: true } }
teams:
${Array.from({ length: 20 }, (_, index) => `  team-${index}: { title: Team ${index}, email: team${index}@example.org }`).join('\n')}
calendars: { office: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, holidays: [CH-VD] } }
partners:
${Array.from({ length: PARTNERS }, (_, index) => `  partner-${index}: { title: Partner ${index} }`).join('\n')}
flows:
${flows.join('\n')}
`;
}

/** Name of the expectation that a number of messages comes by a time. */
export const COUNTED = 'morning';

/** Whether the flow has it. */
export function isCounted(index: number): boolean {
  return index % 2 === 0 && index % 5 !== 0;
}

function flowLines(index: number): string[] {
  const nth = (every: number) => index % every === 0;
  return [
    `title: Flow ${index}`,
    `team: team-${index % 20}`,
    `criticality: ${['low', 'medium', 'high', 'critical'][index % 4]}`,
    `direction: ${index % 3 === 0 ? 'outbound' : 'inbound'}`,
    `partners: [${partnersOf(index).join(', ')}]`,
    `stages: [${STAGES.join(', ')}]`,
    ...(nth(5) ? [] : ['calendar: office']),
    `runbook: https://wiki.example.org/runbooks/${flowName(index)}`,
    'bounds:',
    `  backlog: { warning: '> 100', critical: '> 500', over: 5m${nth(10) ? ', forecast: 4h' : ''} }`,
    ...(nth(5) ? [`  errors: { warning: '> 2 %', critical: '> 5 %', over: 15m, from: 20 messages }`] : []),
    ...(nth(10) ? [`  duration: { of: answered, statistic: p95, warning: '> 30s', critical: '> 2m' }`] : []),
    ...(nth(2) || nth(5) ? ['expect:'] : []),
    ...(isCounted(index) ? [`  - { name: ${COUNTED}, stage: received, by: '08:30', at_least: 10 }`] : []),
    ...(nth(5) ? ['  - { stage: received, every: 1h }'] : []),
    ...(nth(10) ? ['objectives: { answered: { of: answered, within: 1h, for: 98 %, over: 30d } }'] : []),
    ...(nth(20) ? ['conservation: { from: received, to: answered, tolerance: 1 %, over: 1h }'] : []),
    ...(nth(3) ? ['anomaly: { below: 50 %, above: 300 % }'] : []),
    ...(index > 0 && nth(10) ? [`depends_on: [flow ${flowName(index - 1)}]`] : []),
  ];
}
