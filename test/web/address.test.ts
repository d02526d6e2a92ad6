import { advertisedHost, hostPort, localHost } from '../../src/web/address.js';

describe('the host that others are told', () => {
  test('is the one to advertise, whatever else there is', () => {
    expect(advertisedHost('0.0.0.0', 'vigie.example.org', 'a:9700')).toBe('vigie.example.org');
  });

  test('is the address listened on where that is one', () => {
    expect(advertisedHost('127.0.0.1', undefined, 'localhost:9700')).toBe('127.0.0.1');
  });

  test.each([
    ['vigie.example.org:9700', 'vigie.example.org'],
    ['vigie', 'vigie'],
    ['[2001:db8::1]:9700', '2001:db8::1'],
    ['10.0.0.1:9700', '10.0.0.1'],
    ['a b', '127.0.0.1'],
    ['"><script>', '127.0.0.1'],
    [undefined, '127.0.0.1'],
  ])('is the one asked for where all are listened on: Host %s is %s', (header, host) => {
    expect(advertisedHost('0.0.0.0', undefined, header)).toBe(host);
  });
});

test('an IPv6 address stands in brackets before a port', () => {
  expect([hostPort('::1', 9701), hostPort('127.0.0.1', 9701)]).toEqual(['[::1]:9701', '127.0.0.1:9701']);
});

test('what listens on all addresses is reached over loopback', () => {
  expect(['0.0.0.0', '::', '10.0.0.1'].map(localHost)).toEqual(['127.0.0.1', '::1', '10.0.0.1']);
});
