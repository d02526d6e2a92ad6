// Whether an answer is as the YAML expects it. Everything is taken apart once; nothing is compiled when an answer comes.

import { Pattern } from '../endpoints/pattern.js';
import { ProbeError } from '../endpoints/reasons.js';
import type { Answer } from './answer.js';
import { Condition, found } from './condition.js';
import { JsonPath } from './json-path.js';
import { DEFAULT_MAX_BYTES, type ExpectOptions, type StatusOptions } from './schema-request.js';

export class Expectation {
  readonly maxBytes: number;
  readonly #statuses: readonly (readonly [number, number])[];
  readonly #headers: readonly (readonly [string, Condition])[];
  readonly #body: Pattern | undefined;
  readonly #notBody: Pattern | undefined;
  readonly #json: readonly (readonly [JsonPath, Condition])[];

  constructor({ status = '2xx', headers = {}, body, not_body: notBody, json = {}, max_bytes: maxBytes }: ExpectOptions = {}) {
    this.maxBytes = maxBytes ?? DEFAULT_MAX_BYTES;
    this.#statuses = rangesOf(status);
    this.#headers = Object.entries(headers).map(([name, condition]) => [name.toLowerCase(), new Condition(condition)] as const);
    this.#body = body === undefined ? undefined : new Pattern(body);
    this.#notBody = notBody === undefined ? undefined : new Pattern(notBody);
    this.#json = Object.entries(json).map(([path, condition]) => [new JsonPath(path), new Condition(condition)] as const);
  }

  accepts(status: number): boolean {
    return this.#statuses.some(([from, to]) => status >= from && status <= to);
  }

  /** @throws ProbeError of the first thing that is wrong: its status or its headers */
  judgeHead({ status, headers }: Pick<Answer, 'status' | 'headers'>): void {
    if (!this.accepts(status)) throw new ProbeError('status', `the status is ${status}`, 'wait');
    for (const [name, condition] of this.#headers) {
      const value = headers[name];
      const problem = condition.problem(value === undefined ? [] : [Array.isArray(value) ? value.join(', ') : value]);
      if (problem !== undefined) throw new ProbeError('header', `header ${name} ${problem}`, 'wait');
    }
  }

  /** @throws ProbeError of the first thing that is wrong with the body */
  judgeBody(answer: Answer): void {
    if (this.#body) mustBe(true, this.#body, answer.text);
    if (this.#notBody) mustBe(false, this.#notBody, answer.text);
    if (this.#json.length === 0) return;
    const document = answer.json;
    if (document === undefined) throw new ProbeError('json', 'the body is no JSON', 'transfer');
    for (const [path, condition] of this.#json) {
      const problem = condition.problem(path.find(document));
      if (problem !== undefined) throw new ProbeError('json', `${path.source} ${problem}`, 'transfer');
    }
  }
}

/** What takes too long to tell is not as it should be, whichever that is. */
function mustBe(matches: boolean, pattern: Pattern, text: string): void {
  const does = found(pattern, text);
  if (does === matches) return;
  const what = does === undefined ? 'takes too long to compare with' : does ? 'matches' : 'does not match';
  throw new ProbeError('body', `the body ${what} ${pattern.source}`, 'transfer');
}

/** First and last of each. */
export function rangesOf(status: StatusOptions): readonly (readonly [number, number])[] {
  if (typeof status === 'number') return [[status, status]];
  if (typeof status !== 'string') return status.flatMap(rangesOf);
  const [from = '', to = from] = status.split('-');
  return [[Number(from.replace('xx', '00')), Number(to.replace('xx', '99'))]];
}
