import { answers, viewExporter } from '../../src/fleet/exporters.js';
import { child, collector, failing, NOW, planned, status } from './fixtures.js';

const silent = { status: undefined, failure: undefined, failedAt: 0 };

function view(state: Parameters<typeof viewExporter>[1], sighting: Parameters<typeof viewExporter>[2]) {
  return viewExporter(planned('db'), state, sighting);
}

describe('the state of an exporter', () => {
  test('is starting until its first collections are done', () => {
    expect(view(undefined, silent).state).toBe('starting');
    expect(view(child({ phase: 'starting' }), silent).state).toBe('starting');
    expect(view(child(), { ...silent, status: status('db', { ready: false, up: false }) }).state).toBe('starting');
  });

  test('is up when its process answers and its source is well', () => {
    const up = view(child(), { ...silent, status: status('db') });

    expect([up.state, up.problem, answers(up)]).toEqual(['up', undefined, true]);
  });

  test('is failing when the process answers and the source does not, with class, phase and message', () => {
    const collectors = [collector('a'), failing('b'), failing('c')];

    const seen = view(child(), { ...silent, status: status('db', { up: false, collectors }) });

    expect([seen.state, seen.problem, answers(seen)]).toEqual([
      'failing',
      'b: refused in connect: no answer at 127.0.0.1:5432 (and 1 more)',
      true,
    ]);
  });

  test('is unresponsive when the process runs and says nothing', () => {
    const seen = view(child(), { status: undefined, failure: 'no answer within 1 s', failedAt: 2_000 });

    expect([seen.state, seen.problem, answers(seen)]).toEqual(['unresponsive', 'its process does not answer: no answer within 1 s', false]);
  });

  test('is unresponsive even where the wall clock was set back since it listened', () => {
    const seen = view(child({ since: NOW + 3_600_000 }), { status: undefined, failure: 'no answer within 1 s', failedAt: 2_000 });

    expect(seen.state).toBe('unresponsive');
  });

  test('is starting, not unresponsive, when the failure is that of the process before', () => {
    const seen = view(child({ phaseAt: 2_000 }), { status: undefined, failure: 'connection refused', failedAt: 1_500 });

    expect(seen.state).toBe('starting');
  });

  test('is down when the process ended, whatever it said last', () => {
    const lastEnd = { at: NOW, reason: 'signal SIGKILL', lines: [] };

    const seen = view(child({ phase: 'waiting', pid: undefined, lastEnd }), { ...silent, status: status('db') });

    expect([seen.state, seen.problem, seen.status]).toEqual(['down', 'its process ended: signal SIGKILL', undefined]);
  });

  test.each([
    ['what it said last', ['{"msg":"x"}', 'port 9702 on 127.0.0.1 is in use'], 'exit code 1: port 9702 on 127.0.0.1 is in use'],
    ['no line of its log', ['port 9702 is in use', '{"msg":"x"}'], 'exit code 1'],
    ['no end of a trace', ['    at main (main.js:1:1)', 'Node.js v24.0.0'], 'exit code 1'],
    ['nothing where it said nothing', [], 'exit code 1'],
    ['nothing more where it was killed', ['looks at the database'], 'signal SIGKILL'],
  ])('that is down tells %s', (_title, lines, told) => {
    const [reason = ''] = told.split(':');
    const lastEnd = { at: NOW, reason, lines };

    const seen = view(child({ phase: 'waiting', pid: undefined, lastEnd }), silent);

    expect(seen.problem).toBe(`its process ended: ${told}`);
  });

  test('is a crash loop until it has run long enough, and says that it runs', () => {
    const lastEnd = { at: NOW, reason: 'exit code 3', lines: [] };

    const seen = view(child({ crashLoop: true, lastEnd }), { ...silent, status: status('db') });

    expect([seen.state, seen.problem, answers(seen)]).toEqual([
      'crash-loop',
      'kept ending soon after its start, and runs again now: exit code 3',
      true,
    ]);
  });

  test('is a crash loop even while the process runs for a moment', () => {
    const lastEnd = { at: NOW, reason: 'exit code 3', lines: [] };

    expect(view(child({ phase: 'starting', crashLoop: true, lastEnd }), silent).state).toBe('crash-loop');
  });

  test('shows why an exporter kept its old configuration', () => {
    const reload = { successful: false, at: NOW, message: 'sources.db: no such file' };

    expect(view(child(), { ...silent, status: status('db', { reload }) }).refusedReload).toBe('sources.db: no such file');
    expect(view(child(), { ...silent, status: status('db') }).refusedReload).toBeUndefined();
  });

  test('takes no word of a process that was there before', () => {
    const seen = view(child({ pid: 43 }), { ...silent, status: status('db', { pid: 42 }) });

    expect([seen.state, answers(seen)]).toEqual(['starting', false]);
  });
});
