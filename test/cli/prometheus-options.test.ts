// The options by which commands reach a Prometheus.

import { UsageError } from '../../src/cli/command.js';
import { openPrometheus } from '../../src/cli/prometheus-options.js';

describe('the options of Prometheus', () => {
  test('name no Prometheus where none is wanted', () => {
    expect(openPrometheus({})).toBeUndefined();
  });

  test('may hold references to secrets', () => {
    expect(openPrometheus({ prometheus: 'http://example.org/prom/', token: 'file:/run/secrets/token' })?.url).toBe(
      'http://example.org/prom',
    );
    expect(openPrometheus({ prometheus: 'http://example.org', user: 'me', password: 'env:PW', timeout: '1m' })).toBeDefined();
  });

  test.each([
    [{ token: 'env:TOKEN' }, '--token: says how to ask a Prometheus, so --prometheus is missing'],
    [{ prometheus: 'localhost:9090' }, '--prometheus: "localhost:9090" is no address: e.g. http://127.0.0.1:9090'],
    [{ prometheus: 'http://a', token: 's3cret' }, '--token: must say where it is kept: env:NAME or file:PATH'],
    [{ prometheus: 'http://a', user: 'me' }, '--user and --password belong together'],
    [{ prometheus: 'http://a', user: 'me', token: 'env:T' }, '--token and --user exclude each other'],
    [{ prometheus: 'http://a', timeout: '0s' }, '--timeout 0s: must be a duration, e.g. 30s'],
  ])('are refused where they do not fit: %j', (values, message) => {
    expect(() => openPrometheus(values)).toThrow(new UsageError(message));
  });
});
