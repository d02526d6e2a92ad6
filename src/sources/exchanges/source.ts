// The frame of all kinds of file exchanges: one collector for each thing that is looked at, all of them over what the kind opens.

import type { Observation } from '../../domain/observation.js';
import type { LoginGuard } from '../login-guard.js';
import type { Collector, Source, SourceConfig, SourceContext } from '../kind.js';
import { History } from '../endpoints/transcript.js';
import { credentialsCollector } from './credentials.js';
import { Directory } from './directory.js';
import { DirectoryCollector } from './directory-collector.js';
import type { Expectations } from './expectations.js';
import { Frame, type Histories } from './frame.js';
import type { DirectoryOptions, ExchangeOptions } from './schema.js';
import type { UseStore } from './store.js';

/** What a kind gives the frame. */
export interface Access {
  readonly use: UseStore;
  /** Frees connections and descriptors. */
  readonly close: () => Promise<void>;
  /** What is looked at, for pages and transcripts: `host:port`, or where the files are. No user, no password. */
  readonly address: string;
  /** The guard of the account, for kinds that log in: whether it is paused is exported. */
  readonly loggedIn?: LoginGuard | undefined;
  /** What the kind has to say of the server beside. */
  readonly observations?: (() => readonly Observation[]) | undefined;
}

type Config = SourceConfig<ExchangeOptions>;

export async function createExchange(source: Config, context: SourceContext, access: Access): Promise<Source> {
  const { options } = source;
  const { directories = [], acknowledgements = {}, deliveries = {} } = options;
  const parts = directories.length + Object.keys(acknowledgements).length + Object.keys(deliveries).length + 1;
  const frame = new Frame(context, access.address, access.use, parts, takeOver(context.handover));
  const lookers = await Promise.all(directories.map((directory) => directoryCollector(directory, source, frame)));
  const travellers: Collector[] = [
    ...lookers,
    ...(await acknowledgementCollectors(source, frame)),
    ...(await deliveryCollectors(source, frame)),
  ];
  if (options.canary) travellers.push(new (await import('./canary.js')).Canary(options.canary, source, frame));
  const credentials = credentialsCollector(source, access.loggedIn, access.observations);
  return {
    collectors: [...travellers, ...(credentials ? [credentials] : [])],
    journals: () => frame.journals(travellers.map(({ name }) => name)),
    warnings: () => lookers.flatMap((one) => one.warnings()),
    close: async () => {
      await access.close();
      return frame.histories;
    },
  };
}

/** What looks inside files comes with parsers, and is loaded where the YAML asks for it alone. */
async function acknowledgementCollectors(source: Config, frame: Frame): Promise<Collector[]> {
  const { acknowledgements } = source.options;
  if (!acknowledgements) return [];
  const { AcknowledgementCollector } = await import('./acknowledgements/collector.js');
  const collectors = Object.entries(acknowledgements).map(([name, options]) => new AcknowledgementCollector(name, options, source, frame));
  // What was counted before is there from the first scrape on; a record that cannot be read fails each look, and says so.
  await Promise.all(collectors.map((one) => one.restore().catch(() => undefined)));
  return collectors;
}

async function deliveryCollectors(source: Config, frame: Frame): Promise<Collector[]> {
  const { deliveries } = source.options;
  if (!deliveries) return [];
  const { DeliveryCollector } = await import('./deliveries/collector.js');
  return Object.entries(deliveries).map(([name, options]) => new DeliveryCollector(name, options, source, frame));
}

async function directoryCollector(options: DirectoryOptions, source: Config, frame: Frame): Promise<DirectoryCollector> {
  const directory = new Directory(options, frame.context.flows, source);
  const expectations = await expectationsOf(options, directory, frame.context);
  return new DirectoryCollector(options, directory, source, frame, expectations);
}

async function expectationsOf(options: DirectoryOptions, directory: Directory, context: SourceContext): Promise<Expectations | undefined> {
  if (!options.expect) return undefined;
  const module = await import('./expectations.js');
  const { calendar } = context.flows.find(({ name }) => name === options.flow) ?? {};
  return new module.Expectations({
    expectations: options.expect,
    partners: directory.partners,
    partner: directory.partner,
    calendar: calendar === undefined ? undefined : context.calendars?.[calendar],
    labels: (partner) => directory.labels(partner),
  });
}

function takeOver(handover: unknown): Histories | undefined {
  if (!(handover instanceof Map)) return undefined;
  const histories: Histories = new Map();
  for (const [name, history] of handover) if (typeof name === 'string' && history instanceof History) histories.set(name, history);
  return histories;
}
