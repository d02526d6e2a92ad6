// Whether an answer is as the YAML expects it.

import { Script, createContext, type Context } from 'node:vm';
import { parseDuration } from '../../domain/duration.js';
import type { Failure, ProbeResult } from './probe.js';
import type { EndpointOptions } from './schema.js';

type Expect = NonNullable<EndpointOptions['expect']>;

/** A pattern that backtracks without end on what a partner sends must not stop the exporter. */
const MATCH_LIMIT_MS = 250;
const MATCH = new Script('pattern.test(text)');

export class Expectation {
  readonly #status: NonNullable<Expect['status']>;
  readonly #withinMs: number | undefined;
  readonly #body: Context | undefined;

  constructor({ status = '2xx', within, body }: Expect = {}) {
    this.#status = status;
    this.#withinMs = within === undefined ? undefined : parseDuration(within);
    this.#body = body === undefined ? undefined : createContext({ pattern: new RegExp(body), text: '' });
  }

  /** @returns the first thing that is wrong: an answer that did not come, its status, its body, its time */
  failure(result: ProbeResult): Failure | undefined {
    if (result.failure) return result.failure;
    if (!this.#accepts(result.status)) return { phase: 'wait', reason: 'status' };
    if (this.#body && !matches(this.#body, decode(result))) return { phase: 'transfer', reason: 'body' };
    const { watch } = result;
    if (this.#withinMs !== undefined && watch.total > this.#withinMs) return { phase: watch.slowest, reason: 'slow' };
    return undefined;
  }

  #accepts(status: number): boolean {
    const expected = this.#status;
    if (typeof expected === 'number') return status === expected;
    if (typeof expected === 'string') return String(status).startsWith(expected.charAt(0));
    return expected.includes(status);
  }
}

function matches(context: Context, text: string): boolean {
  context['text'] = text;
  try {
    return MATCH.runInContext(context, { timeout: MATCH_LIMIT_MS }) === true;
  } catch {
    return false;
  } finally {
    context['text'] = '';
  }
}

/** By the charset that the answer names, else UTF-8. */
function decode({ body, contentType = '' }: ProbeResult): string {
  const charset = /;\s*charset="?(?<charset>[^\s";]+)/i.exec(contentType)?.groups?.['charset'] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8');
  }
}
