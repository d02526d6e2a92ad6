// How one endpoint is asked: its steps in order, and what is read from the last answer.

import { endpoint as metrics, httpAnswers } from '../../conventions.js';
import type { Prober, ProbeRun } from '../endpoints/prober.js';
import type { Failure } from '../endpoints/reasons.js';
import type { SourceContext } from '../kind.js';
import { bare } from './proxy.js';
import { Cookies } from './cookies.js';
import type { Reader } from './own-metrics.js';
import type { EndpointOptions } from './schema.js';
import type { Course, Step } from './step.js';

export interface HttpProberParts {
  /** At least one. */
  readonly steps: readonly Step[];
  /** Of the last step: what the endpoint is. */
  readonly url: URL;
  readonly readers: readonly Reader[];
  readonly failures: readonly Failure[];
  readonly account: string | undefined;
  readonly values: EndpointOptions['values'];
  readonly readSecret: SourceContext['readSecret'];
}

export class HttpProber implements Prober {
  readonly protocol: string;
  readonly host: string;
  readonly address: string;
  readonly failures: readonly Failure[];
  readonly account?: string;
  readonly #parts: HttpProberParts;

  constructor(parts: HttpProberParts) {
    const { url, failures, account } = parts;
    this.#parts = parts;
    this.protocol = url.protocol.slice(0, -1);
    this.host = bare(url.hostname);
    this.address = `${url.origin}${url.pathname}`;
    this.failures = failures;
    if (account !== undefined) this.account = account;
  }

  async probe(run: ProbeRun): Promise<void> {
    const { steps, url, readers } = this.#parts;
    const last = steps.at(-1);
    run.observe(metrics.status, 0);
    const values = await this.#values(run);
    const cookies = new Cookies();
    for (const step of steps) {
      const course: Course = {
        run,
        values,
        cookies,
        onHead: (status) => run.observe(metrics.status, status),
        isEndpoint: ({ host }) => host === url.host,
        onAnswer: (answer) => {
          if (step === last) for (const read of readers) read(answer, run);
        },
      };
      if (steps.length === 1) await step.take(course);
      else await timed(step, course);
    }
  }

  async #values(run: ProbeRun): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const [name, secret] of Object.entries(this.#parts.values ?? {})) {
      const text = await this.#parts.readSecret(secret);
      if (typeof secret !== 'string') run.hide(text);
      values.set(name, text);
    }
    return values;
  }
}

async function timed(step: Step, course: Course): Promise<void> {
  const { run } = course;
  run.say(`step ${step.name}`);
  const begin = run.clock.monotonic();
  try {
    await step.take(course);
  } finally {
    run.observe(httpAnswers.step, (run.clock.monotonic() - begin) / 1000, { step: step.name });
  }
}
