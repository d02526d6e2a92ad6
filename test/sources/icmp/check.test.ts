// What is said of icmp sources before anything is pinged.

import { icmp } from '../../../src/sources/icmp/index.js';
import type { EndpointOptions } from '../../../src/sources/icmp/schema.js';
import { configOf } from '../probing.js';

function problems(endpoint: EndpointOptions): string[] {
  const found = icmp.check(configOf({ kind: 'icmp' as const, endpoints: { it: endpoint } }), { flows: [], partners: [] });
  return found.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}

describe('the check of icmp sources', () => {
  test.each(['gateway.example.org', 'gateway.example.org.', '192.0.2.1', '2001:db8::1', 'fe80::1%eth0', 'host_1', 'zürich.example'])(
    'has nothing to say of %s',
    (host) => {
      expect(problems({ host })).toEqual([]);
    },
  );

  test.each(['-f', '--flood', '-c1 192.0.2.1', 'host;reboot', 'host name', '$(reboot)', '[::1]', 'host:80', '.', 'a..b', 'http://host'])(
    'refuses %s, which is no host, and might be an option',
    (host) => {
      expect(problems({ host })).toEqual([`host: "${host}" is no name and no address; e.g. gateway.partner.example.org or 192.0.2.1`]);
    },
  );

  test('wants time for all packets', () => {
    expect(problems({ host: '192.0.2.1', packets: 5 })).toEqual([
      'packets: 5 packets, one a second, need a timeout of 5s or more, and it is 4s',
    ]);
  });

  test('wants no address of another version', () => {
    expect(problems({ host: '192.0.2.1', ip: 6 })).toEqual(['ip: 192.0.2.1 is an address of IPv4; leave `ip` out']);
  });
});
