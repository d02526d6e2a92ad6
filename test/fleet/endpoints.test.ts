import { endpoint as metrics } from '../../src/conventions.js';
import { viewEndpoints } from '../../src/fleet/endpoints.js';
import { dead, NOW, speaking } from './fixtures.js';

const labels = { endpoint: 'chuv-api', partner: 'chuv', env: 'prod', protocol: 'https' };
const samples = [
  { metric: metrics.up.name, labels, value: 0 },
  { metric: metrics.duration.name, labels: { ...labels, phase: 'connect' }, value: 0.25 },
  { metric: metrics.duration.name, labels: { ...labels, phase: 'tls' }, value: 0.5 },
  { metric: metrics.failure.name, labels: { ...labels, phase: 'tls', reason: 'certificate_expired' }, value: 1 },
  { metric: metrics.certificateExpiry.name, labels, value: NOW / 1000 },
];

describe('an endpoint', () => {
  test('tells in words why an answer was not the expected one', () => {
    const refused = { metric: metrics.failure.name, labels: { ...labels, phase: 'wait', reason: 'status' }, value: 1 };

    const [view] = viewEndpoints([speaking('probes', [{ metric: metrics.up.name, labels, value: 0 }, refused])], () => []);

    expect(view?.reason).toBe('unexpected status in phase wait');
  });

  test('shows how it answers: state, reason, time over all phases, certificate', () => {
    const [view] = viewEndpoints([speaking('probes', samples)], () => []);

    expect(view).toMatchObject({
      endpoint: 'chuv-api',
      partner: 'chuv',
      protocol: 'https',
      up: false,
      reason: 'certificate expired in phase tls',
      duration: 0.75,
      code: undefined,
      certificateExpiresAt: NOW,
    });
  });

  test('is still named when its exporter is down, with no value', () => {
    const [view] = viewEndpoints([dead('probes', 'signal SIGKILL')], () => samples);

    expect(view).toMatchObject({ endpoint: 'chuv-api', up: undefined, reason: 'its process ended: signal SIGKILL', duration: undefined });
  });
});
