// What is done to an exporter and its logs, counted, so that a run can tell what it did.

const NOTHING = {
  renames: 0,
  copytruncates: 0,
  bursts: 0,
  late_writers: 0,
  packed: 0,
  packed_while_down: 0,
  unlinked_while_open: 0,
  kills: 0,
  kills_while_starting: 0,
  stops: 0,
  reloads: 0,
  full_disks: 0,
  checkpoints: 0,
};

/** What is remembered of the history. */
const KEPT = 60;

export type Deed = keyof typeof NOTHING;

export class Deeds {
  readonly counts: Record<Deed, number> = { ...NOTHING };
  /** The last ones, with the second at which they were done, for whoever must understand a failure. */
  readonly history: string[] = [];
  readonly #began = performance.now();

  did(deed: Deed, what: string = deed): void {
    this.counts[deed]++;
    this.note(what);
  }

  note(what: string): void {
    this.history.push(`${((performance.now() - this.#began) / 1000).toFixed(2)} ${what}`);
    if (this.history.length > KEPT) this.history.shift();
  }
}

/** The sum of what was done by several. */
export function sum(all: readonly Deeds[]): Record<Deed, number> {
  const total = { ...NOTHING };
  for (const { counts } of all) {
    for (const [deed, count] of Object.entries(counts)) if (isDeed(deed)) total[deed] += count;
  }
  return total;
}

function isDeed(text: string): text is Deed {
  return text in NOTHING;
}
