// `vigie gate <flow>`: go or no-go, for pipelines that wait for a gate. EN4.

import { gates } from '../conventions.js';
import { systemClock } from '../domain/clock.js';
import { decide, nameOf, type Gate, type Verdict } from '../domain/gate.js';
import { PrometheusError, type Prometheus } from '../prometheus/client.js';
import { readOptions, UsageError, type Command } from './command.js';
import { openPrometheus, prometheusOptions, prometheusUsage } from './prometheus-options.js';
import { visible } from './visible.js';

const FORMATS = ['text', 'json'] as const;
/** As scripts tell a decision from a failure to find one. */
const EXIT = { go: 0, noGo: 1, unknown: 2 } as const;

export const command: Command = {
  summary: 'Go or no-go: whether the gates of a flow are open, by exit code.',
  usage: `usage: vigie gate <flow> [<gate>...] --prometheus URL [options]
  --env E           as the sources of this environment say (default: as all say)
  --to E            only gates into this environment (label to_env)
  --format FORMAT   text or json (default: text)
${prometheusUsage}

Ends with 0 (go) where each gate is opened, by what its source has seen in the last minutes. Ends with 1 (no-go) where one is undecided,
declined or disputed, or is not seen. Ends with 2 where it cannot be told, as when Prometheus does not answer. Without <gate> all gates of the
flow that are known must be open.`,

  async run(args) {
    const { values, positionals } = readOptions(args, {
      ...prometheusOptions,
      env: { type: 'string' },
      to: { type: 'string' },
      format: { type: 'string', default: 'text' },
    });
    const [flow, ...wanted] = positionals;
    if (flow === undefined) throw new UsageError('name the flow whose gates are asked for');
    if (!FORMATS.some((format) => format === values.format)) throw new UsageError(`--format ${values.format}: must be text or json`);
    const prometheus = openPrometheus(values);
    if (!prometheus) throw new UsageError('--prometheus is missing: where Prometheus answers, e.g. http://127.0.0.1:9090');
    try {
      const verdict = await ask(prometheus, { flow, env: values.env, toEnv: values.to }, wanted);
      process.stdout.write(values.format === 'json' ? asJson(flow, verdict) : asText(verdict, systemClock.now()));
      return verdict.go ? EXIT.go : EXIT.noGo;
    } catch (error) {
      if (!(error instanceof PrometheusError)) throw error;
      process.stderr.write(`vigie gate: ${error.message}\n`);
      return EXIT.unknown;
    }
  },
};

interface Asked {
  readonly flow: string;
  readonly env: string | undefined;
  readonly toEnv: string | undefined;
}

async function ask(prometheus: Prometheus, { flow, env, toEnv }: Asked, wanted: readonly string[]): Promise<Verdict> {
  const matchers = Object.entries({ flow, env, to_env: toEnv }).flatMap(([label, value]) =>
    value === undefined ? [] : [`${label}=${JSON.stringify(value)}`],
  );
  const selector = `{${matchers.join(', ')}}`;
  const by = 'env, gate, to_env, partner';
  const [said, cutOffs] = await Promise.all([
    prometheus.query(`max by (${by}, decision) (${gates.decision.name}${selector}) > 0`),
    prometheus.query(`max by (${by}) (${gates.cutOff.name}${selector})`),
  ]);
  return decide(
    said.map(({ labels }) => labels),
    cutOffs,
    wanted,
  );
}

function asJson(flow: string, { go, reasons, gates: found }: Verdict): string {
  const shown = found.map(({ gate, env, toEnv, partner, decision, cutOff }) => ({
    gate,
    env,
    to_env: toEnv,
    partner,
    decision,
    cut_off: cutOff === undefined ? undefined : new Date(cutOff).toISOString(),
  }));
  return `${JSON.stringify({ flow, verdict: go ? 'go' : 'no-go', reasons, gates: shown })}\n`;
}

function asText({ go, reasons, gates: found }: Verdict, now: number): string {
  const names = found.map((gate) => visible(nameOf(gate)));
  const width = Math.max(0, ...names.map(({ length }) => length));
  const lines = found.map((gate, index) => `${names[index]?.padEnd(width)}  ${gate.decision.padEnd(9)}  ${timeOf(gate, now)}`.trimEnd());
  return [...lines, go ? 'go' : `no-go: ${visible(reasons.join('; '))}`, ''].join('\n');
}

function timeOf({ cutOff }: Gate, now: number): string {
  if (cutOff === undefined) return '';
  return `cut-off ${new Date(cutOff).toISOString().slice(0, 16).replace('T', ' ')} UTC${cutOff <= now ? ', over' : ''}`;
}
