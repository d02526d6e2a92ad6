// Reading the text: encodings, line ends, aliases, merge keys, and where each value stands.

import { decodeText } from '../../src/config/read.js';
import { configOf, messages } from './load-text.js';

describe('the bytes of a file', () => {
  test('may begin with a byte order mark, which shifts no column', async () => {
    const found = await messages('\uFEFFteam: {}\n');

    expect(found).toEqual(['exporters.yaml:1:1 error team: unknown key "team" (is it "teams"?)']);
  });

  test('may end lines with CR LF', async () => {
    const found = await messages('teams:\r\n  flux:\r\n    mail: x\r\n    email: flux@example.org\r\n');

    expect(found).toEqual(['exporters.yaml:3:5 error teams.flux.mail: unknown key "mail" (is it "email"?)']);
  });

  test('are told apart from a replacement character that the author wrote', () => {
    const bytes = Buffer.concat([Buffer.from('a: \uFFFD é\nb: '), Buffer.from([0xff]), Buffer.from('x\n')]);

    const decoded = decodeText(bytes);

    expect(decoded).toEqual({ line: 2, column: 4, message: 'the byte 0xFF is not UTF-8 (is the file Latin-1?): save it as UTF-8' });
  });

  test('are named where a character is cut off at the end', () => {
    const decoded = decodeText(Buffer.from('é').subarray(0, 1));

    expect(decoded).toMatchObject({ line: 1, column: 1 });
  });
});

describe('positions', () => {
  test('count columns in UTF-16 code units, as editors do', async () => {
    const found = await messages("teams: { flux: { title: '🏥é', mail: x, email: a@b } }\n");

    expect(found).toEqual(['exporters.yaml:1:32 error teams.flux.mail: unknown key "mail" (is it "email"?)']);
  });

  test('of a mistake in an aliased block are those of the block, where it must be mended, once', async () => {
    const found = await messages('teams:\n  flux: &team\n    email: nobody\n  back: *team\n');

    expect(found).toEqual(['exporters.yaml:3:12 error teams.flux.email: "nobody" has not the right form, e.g. \'team@example.org\'']);
  });

  test('of a missing key are those of the block that lacks it, which in a list is the entry', async () => {
    const found = await messages('sources:\n  a:\n    kind: fake\n    metrics:\n      - help: No name.\n      - { name: b_things }\n');

    expect(found).toEqual([
      expect.stringMatching(/^exporters.yaml:5:9 error sources.a.metrics\[0\]: missing key "name"/),
      expect.stringMatching(/^exporters.yaml:6:9 error sources.a.metrics\[1\]: missing key "help"/),
    ]);
  });
});

describe('aliases and merge keys', () => {
  test('bring in what they name; what is written beside a merge key wins', async () => {
    const { teams } = await configOf(
      'teams:\n  flux: &flux { title: Flux, email: flux@example.org }\n  back: { <<: *flux, title: Back }\n',
    );

    expect(teams.map(({ title, email }) => [title, email])).toEqual([
      ['Flux', 'flux@example.org'],
      ['Back', 'flux@example.org'],
    ]);
  });

  test('take the first of several merged blocks, as YAML says', async () => {
    const { teams } = await configOf(
      'teams:\n  a: &a { title: A, email: a@example.org }\n  b: &b { title: B, email: b@example.org }\n  c: { <<: [*b, *a] }\n',
    );

    expect(teams[2]).toMatchObject({ title: 'B', email: 'b@example.org' });
  });

  test('may be many, as long as they stand for a bounded number of values', async () => {
    const partners = Array.from({ length: 1000 }, (_, index) => `  p${index}: *one`).join('\n');

    const config = await configOf(`partners:\n  one: &one { title: One }\n${partners}\n`);

    expect(config.partners).toHaveLength(1001);
  });
});

describe('keys', () => {
  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('may be called %s without harm', async (key) => {
    const found = await messages(`${key}: { polluted: true }\nteams: { ${key}: { email: a@b } }\n`);

    expect(found[0]).toMatch(`exporters.yaml:1:1 error ${key}: unknown key "${key}"`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('that look like numbers are names all the same', async () => {
    const config = await configOf('partners:\n  756: { title: Suisse }\n  0x10: {}\n');

    expect(config.partners.map(({ name }) => name)).toEqual(['756', '0x10']);
  });

  test('nested without end are an error, not a crash', async () => {
    const found = await messages('['.repeat(20_000));

    expect(found[0]).toMatch(/^exporters.yaml:1:\d+ error: /);
  });
});

describe('nesting', () => {
  test.each([
    ['keys', stairs(3000, 'a:')],
    ['keys in quotes with a # in them', stairs(3000, "'a #':")],
    ['keys with a comment that looks like the beginning of a text', stairs(3000, 'a: # |')],
    ['entries of lists', stairs(3000, '-')],
    ['explicit keys', stairs(3000, '?')],
    ['many lists in each line', Array.from({ length: 60 }, (_, level) => `${' '.repeat(level * 401)}${'- '.repeat(200)}a:\n`).join('')],
    ['keys below a text', `a:\n  - b: |\n     text\n    c:\n${stairs(3000, 'a:').replaceAll(/^/gm, '     ')}`],
  ])('of %s that is deeper than any configuration is refused before it takes time or stack', async (_, text) => {
    const began = performance.now();

    const found = await messages(text);

    expect(found).toEqual([expect.stringMatching(/^exporters\.yaml:\d+:\d+ error(?:: | )nested too deeply$/)]);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test.each([
    [
      'a text of several lines',
      `teams:\n  flux:\n    email: flux@example.org\n    title: |\n${stairs(300, 'a: b').replaceAll(/^/gm, '     ')}`,
    ],
    ['a text in quotes', `teams:\n  flux:\n    email: flux@example.org\n    title: "\n${stairs(300, 'a').replaceAll(/^/gm, '     ')}"\n`],
    ['comments', `teams:\n  flux:\n    email: flux@example.org\n${stairs(300, '# a:')}`],
  ])('is not seen in %s, however it is indented', async (_, text) => {
    const found = await messages(text);

    expect(found).toEqual([]);
  });
});

/** The line again and again, each time one column further in. */
function stairs(levels: number, line: string): string {
  return Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}${line}\n`).join('');
}
