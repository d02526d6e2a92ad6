// Keys that a newcomer's first run makes.

import ssh2 from 'ssh2';
import { makeKeyPair } from '../../demo/ssh-keys.js';

test('every pair of keys can be read: one in two hundred that the library makes cannot', () => {
  const broken = Array.from({ length: 2000 }, () => makeKeyPair()).filter((pair) => ssh2.utils.parseKey(pair.private) instanceof Error);

  expect(broken).toEqual([]);
});
