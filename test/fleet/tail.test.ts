import { LineTail } from '../../src/fleet/tail.js';

function tailOf(...chunks: readonly (string | Buffer)[]) {
  const forwarded: string[] = [];
  const tail = new LineTail((line) => void forwarded.push(line));
  for (const chunk of chunks) tail.write(Buffer.from(chunk));
  tail.end();
  return { forwarded, lines: tail.lines };
}

describe('the end of a stream', () => {
  test('is cut into lines, wherever the chunks end', () => {
    const bytes = Buffer.from('une première\nligne');

    const { forwarded } = tailOf(bytes.subarray(0, 8), bytes.subarray(8, 9), bytes.subarray(9));

    expect(forwarded).toEqual(['une première', 'ligne']);
  });

  test('is kept as its last twelve lines', () => {
    const all = Array.from({ length: 20 }, (_, index) => `line ${index}`);

    expect(tailOf(`${all.join('\n')}\n`).lines).toEqual(all.slice(-12));
  });

  test('is bounded even when no line ever ends', () => {
    const { forwarded, lines } = tailOf(...Array.from({ length: 50 }, () => 'x'.repeat(1_500)));

    expect(forwarded.join('')).toHaveLength(75_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2_001);
    expect(lines.length).toBeLessThanOrEqual(12);
  });
});
