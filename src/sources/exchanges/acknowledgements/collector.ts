// Looks at outgoing files and their answers. Answers are listed first, so that what they answer has been there before them; what was
// counted is on the disk before anybody sees it, so that over a restart each answer counts once.

import picomatch from 'picomatch';
import type { Accumulator, AccumulatorRecord } from '../../../domain/accumulator.js';
import { coveredPlaces, PlaceIndex } from '../../../domain/coverage.js';
import { parseDuration } from '../../../domain/duration.js';
import type { Observation } from '../../../domain/observation.js';
import { SourceError, type Collector, type SourceConfig, type StateRecord } from '../../kind.js';
import { schedule } from '../../schedule.js';
import { isCanary } from '../canary-name.js';
import { coverageOf } from '../check.js';
import type { Frame, Round } from '../frame.js';
import { Inspected, Unreadable } from '../inside.js';
import { DEFAULT_MAX_BYTES } from '../inside-schema.js';
import { wholeName } from '../pattern.js';
import { pathOf, readSmall } from '../reading.js';
import { DEFAULT_PARTIAL, type ExchangeOptions } from '../schema.js';
import type { ListedFile } from '../store.js';
import { MOST_TRACKED } from '../tracking.js';
import { AnswerReader, cleanKey, type Answer } from './answer.js';
import type { AcknowledgementOptions } from './check.js';
import { ANSWER, Ledger, MOST_PENDING, readSaved } from './ledger.js';
import { COUNTED, ResponseMetrics } from './metrics.js';
import { DEFAULT_GIVE_UP_AFTER } from './schema.js';

/** Answers that one look deals with; the rest is left to the next ones. */
const MOST_AT_ONCE = 5_000;
/** Share of its time that a look may use to read answers. */
const READING_SHARE = 0.7;

/** What both listings say. Nothing is changed by it, so that they may be made twice. */
interface Seen {
  readonly ledger: Ledger;
  readonly sent: readonly Outgoing[];
  readonly answers: readonly ListedFile[];
}

interface Outgoing {
  readonly key: string;
  readonly partner: number;
  readonly at: number;
}

export class AcknowledgementCollector implements Collector {
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly accumulator: Accumulator;
  readonly #options: AcknowledgementOptions;
  readonly #frame: Frame;
  readonly #record: StateRecord;
  readonly #partners: readonly string[];
  /** The partner of files whose names tell none. */
  readonly #partner: string | undefined;
  readonly #index: PlaceIndex;
  readonly #sentPattern: RegExp;
  readonly #reader: AnswerReader;
  readonly #isPartial: (name: string) => boolean;
  readonly #metrics: ResponseMetrics;
  /** What the counters were before anything was counted. */
  readonly #zero: AccumulatorRecord;
  #ledger: Ledger | undefined;

  constructor(name: string, options: AcknowledgementOptions, source: SourceConfig<ExchangeOptions>, frame: Frame) {
    const { context } = frame;
    const { interval, timeout, maxStaleness } = schedule(source, options);
    this.name = name;
    this.interval = interval;
    this.timeout = timeout;
    this.maxStaleness = maxStaleness;
    this.#options = options;
    this.#frame = frame;
    this.#record = context.record(name);
    this.#partners = coveredPlaces(context.flows, coverageOf(options)).map(({ partner }) => partner);
    const all = context.flows.find((flow) => flow.name === options.flow)?.partners ?? [];
    this.#partner = options.partner ?? (all.length === 1 ? all[0] : undefined);
    this.#index = new PlaceIndex(context.flows, coverageOf(options));
    this.#sentPattern = wholeName(options.sent.files);
    this.#reader = new AnswerReader(options.answers);
    this.#isPartial = picomatch([...DEFAULT_PARTIAL], { dot: true });
    this.accumulator = context.accumulator(name);
    this.accumulator.stage();
    const within = parseDuration(options.within ?? '');
    const seconds = within === undefined ? undefined : within / 1000;
    this.#metrics = new ResponseMetrics(this.accumulator, options, this.#partners, source, seconds);
    this.#zero = this.accumulator.record();
  }

  /** Takes over what was counted before a restart, so that the first scrape shows it. @throws SourceError of class `state` */
  async restore(): Promise<Ledger> {
    if (this.#ledger) return this.#ledger;
    const saved = readSaved(await this.#record.read());
    this.accumulator.restore(saved?.counts ?? this.#zero, COUNTED);
    this.accumulator.publish();
    this.#ledger = saved ? Ledger.restore(saved, this.#partners) : new Ledger();
    return this.#ledger;
  }

  collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    const { sent, answers } = this.#options;
    return this.#frame.round(this.name, `${sent.directory}, answers in ${answers.directory}`, (round) => this.#look(round, signal));
  }

  async #look(round: Round, signal: AbortSignal): Promise<Iterable<Observation>> {
    const before = await this.restore();
    const begun = this.#frame.clock.monotonic();
    const seen = await this.#list(before, signal);
    let problem: SourceError | undefined;
    try {
      this.#send(seen, round);
      const outcome = await this.#answer(seen, begun, signal);
      problem = outcome.problem;
      const forgotten = this.#forget(seen.ledger);
      const changed = !before.hasBegun || differs(before, seen) || outcome.settled > 0 || forgotten;
      round.say(`${outcome.settled} answers were new; ${seen.ledger.pending.size} outgoing files wait for theirs`);
      seen.ledger.hasBegun = true;
      if (changed) await this.#record.write(seen.ledger.record(this.#partners, this.accumulator.record()));
      this.#ledger = seen.ledger;
      this.accumulator.publish();
    } catch (error) {
      // What was counted and is not kept is taken back: the next look begins with what is on the disk.
      this.#ledger = undefined;
      this.accumulator.restore(this.#zero, COUNTED);
      throw error;
    }
    // What could be read was counted; that something could not is an error all the same.
    if (problem) throw problem;
    return this.#metrics.observations(seen.ledger, this.#frame.clock.now() / 1000);
  }

  /** Both directories, answers first. */
  #list(before: Ledger, signal: AbortSignal): Promise<Seen> {
    const { sent, answers } = this.#options;
    return this.#frame.use(signal, async (store) => {
      const ledger = new Ledger(before.sent.seed);
      for (const [key, pending] of before.pending) ledger.pending.set(key, pending);
      const newAnswers: ListedFile[] = [];
      const newSent: Outgoing[] = [];
      await store.list(answers.directory, (file) => this.#seeAnswer(file, before, ledger, newAnswers), signal);
      await store.list(sent.directory, (file) => this.#seeSent(file, before, ledger, newSent), signal);
      return { ledger, sent: newSent, answers: newAnswers };
    });
  }

  #seeAnswer(file: ListedFile, before: Ledger, after: Ledger, fresh: ListedFile[]): void {
    const { name } = file;
    if (isCanary(name) || this.#isPartial(name) || !this.#reader.matches(name)) return;
    const hash = after.answers.hash(name);
    const known = before.answers.get(hash);
    const tag = known?.tag ?? (before.hasBegun ? undefined : ANSWER.before);
    // One that no look has dealt with is not remembered, so that the next one finds it new.
    if (tag !== undefined && after.answers.size < MOST_TRACKED) after.answers.put({ hash, size: known?.size ?? file.size, stamp: 0, tag });
    if (tag !== ANSWER.done && fresh.length < MOST_AT_ONCE) fresh.push(file);
  }

  #seeSent({ name, modified }: ListedFile, before: Ledger, after: Ledger, fresh: Outgoing[]): void {
    if (isCanary(name) || this.#isPartial(name)) return;
    const groups = this.#sentPattern.exec(name)?.groups;
    const key = cleanKey(groups?.['key']);
    if (key === undefined || after.sent.size >= MOST_TRACKED) return;
    const partner = groups?.['partner'] ?? this.#partner ?? '';
    const place = this.#partners.indexOf(partner);
    if (place < 0) {
      const { flow, stage } = this.#options;
      const what = this.#index.undeclared({ flow, partner, stage });
      if (what) this.#frame.context.undeclared(what.label, what.value);
      return;
    }
    const hash = after.sent.hash(name);
    after.sent.put({ hash, size: undefined, stamp: 0, tag: place + 1 });
    if (!before.sent.has(hash)) fresh.push({ key, partner: place, at: modified ?? this.#frame.clock.now() / 1000 });
  }

  /** New outgoing files wait from now on. One that is sent again keeps the time of the first. */
  #send({ ledger, sent }: Seen, round: Round): void {
    let full = 0;
    for (const { key, partner, at } of sent) {
      if (ledger.pending.has(key)) continue;
      if (ledger.pending.size >= MOST_PENDING) {
        full++;
        this.#metrics.forgotten(partner, 'full');
        continue;
      }
      ledger.pending.set(key, { at, partner });
    }
    if (sent.length > 0)
      round.say(`${sent.length} outgoing files are new${full === 0 ? '' : `, of which ${full} are not waited for: too many wait`}`);
  }

  /** @returns how many answers were dealt with, and what kept others from being read */
  async #answer(
    { ledger, answers }: Seen,
    begun: number,
    signal: AbortSignal,
  ): Promise<{ settled: number; problem: SourceError | undefined }> {
    const { clock } = this.#frame;
    let settled = 0;
    let problem: SourceError | undefined;
    for (const file of answers) {
      if (this.#reader.looksInside && clock.monotonic() - begun > this.timeout * READING_SHARE) break;
      try {
        await this.#settle(file, ledger, signal);
        settled++;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        problem = error;
        // An answer that may not be read says nothing of the others; where the server is gone, so are they.
        if (error.errorClass !== 'permission') break;
      }
    }
    return { settled, problem };
  }

  async #settle(file: ListedFile, ledger: Ledger, signal: AbortSignal): Promise<void> {
    const hash = ledger.answers.hash(file.name);
    const before = ledger.answers.get(hash);
    const read = await this.#read(file, signal);
    // One that is not whole yet has another size at the next look.
    const isLastTry = before?.tag === ANSWER.again && before.size === file.size;
    if (read === 'not_whole' && !isLastTry && before?.tag !== ANSWER.before) {
      ledger.answers.put({ hash, size: file.size, stamp: 0, tag: ANSWER.again });
      return;
    }
    const isCounted = before?.tag !== ANSWER.before;
    ledger.answers.put({ hash, size: file.size, stamp: 0, tag: ANSWER.done });
    if (typeof read === 'string') {
      if (isCounted) this.#metrics.unmatched(read === 'too_large' ? read : 'unreadable');
      return;
    }
    const { key, outcome } = read;
    const pending = key === undefined ? undefined : ledger.pending.get(key);
    if (key === undefined || !pending) {
      if (isCounted) this.#metrics.unmatched(key === undefined ? 'no_key' : 'unknown');
      return;
    }
    ledger.pending.delete(key);
    const at = file.modified ?? this.#frame.clock.now() / 1000;
    if (isCounted) this.#metrics.answered(pending.partner, outcome, Math.max(at - pending.at, 0));
  }

  /** @throws SourceError where it cannot be read now */
  async #read(file: ListedFile, signal: AbortSignal): Promise<Answer | 'too_large' | 'not_whole' | 'gone'> {
    const { directory, max_bytes: maxBytes = DEFAULT_MAX_BYTES } = this.#options.answers;
    if (!this.#reader.looksInside) return this.#reader.read(file.name, undefined);
    if (file.size !== undefined && file.size > maxBytes) return 'too_large';
    try {
      const bytes = await this.#frame.use(signal, (store) => readSmall(store, pathOf(directory, file.name), maxBytes, signal));
      return bytes ? this.#reader.read(file.name, new Inspected(bytes)) : 'too_large';
    } catch (error) {
      if (error instanceof Unreadable) return 'not_whole';
      // Somebody has taken it away before it could be read.
      if (error instanceof SourceError && error.errorClass === 'not_found') return 'gone';
      throw error;
    }
  }

  /** @returns whether anything was given up */
  #forget({ pending }: Ledger): boolean {
    const giveUpAfter = (parseDuration(this.#options.give_up_after ?? DEFAULT_GIVE_UP_AFTER) ?? Infinity) / 1000;
    const limit = this.#frame.clock.now() / 1000 - giveUpAfter;
    let changed = false;
    for (const [key, { at, partner }] of pending) {
      if (at >= limit) continue;
      pending.delete(key);
      this.#metrics.forgotten(partner, 'age');
      changed = true;
    }
    return changed;
  }
}

/** Whether other outgoing files are there, or answers have gone. */
function differs(before: Ledger, { sent, ledger }: Seen): boolean {
  return sent.length > 0 || before.sent.size !== ledger.sent.size || before.answers.size !== ledger.answers.size;
}
