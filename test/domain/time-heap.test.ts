// The oldest of what is left, whatever is added and taken out.

import { TimeHeap, type Timed } from '../../src/domain/time-heap.js';
import { seeded } from '../random.js';

function entry(time: number): Timed {
  return { time, place: 0 };
}

describe('a heap of times', () => {
  test.each([1, 2, 3])('knows the oldest after any additions and removals (seed %i)', (seed) => {
    const random = seeded(seed);
    const heap = new TimeHeap<Timed>();
    const naive = new Set<Timed>();
    for (let step = 0; step < 2000; step++) {
      const growing = step % 1000 < 500;
      if (random() < (growing ? 0.7 : 0.3)) {
        const added = entry(Math.floor(random() * 500));
        heap.add(added);
        naive.add(added);
      } else {
        const all = [...naive];
        const removed = all[Math.floor(random() * all.length)];
        if (!removed) continue;
        heap.remove(removed);
        naive.delete(removed);
      }

      expect(heap.size).toBe(naive.size);
      expect(heap.oldest?.time ?? Infinity).toBe(Math.min(...Array.from(naive, ({ time }) => time)));
    }
    expect(new Set(heap.values())).toEqual(naive);
  });

  test('gives what is before a time, oldest first, and keeps the rest', () => {
    const heap = new TimeHeap<Timed>();
    for (const time of [5, 1, 9, 3, 3, 7]) heap.add(entry(time));

    const before = Array.from(heap.before(7), ({ time }) => time);

    expect(before).toEqual([1, 3, 3, 5]);
    expect(Array.from(heap.values(), ({ time }) => time).toSorted((a, b) => a - b)).toEqual([7, 9]);
  });
});
