// What happens in the simulated exchange; the database, the log and the inboxes are made from it.

/** As the exchange itself calls it in its log; `exporters.yaml` maps it to the outcomes of Vigie. */
export type Result = 'OK' | 'KO' | 'REFUSED';

/** A file in an inbox: first written under another name, then complete, then taken away. */
export interface FileEvent {
  readonly type: 'writing' | 'complete' | 'taken';
  /** Milliseconds since the Unix epoch, as everywhere here. */
  readonly at: number;
  readonly directory: string;
  readonly name: string;
  readonly bytes: number;
}

/** A message waits at a stage. */
export interface WaitingEvent {
  readonly type: 'waiting';
  readonly at: number;
  readonly id: number;
  readonly flow: string;
  readonly partner: string;
  readonly stage: string;
}

/** A message has passed a stage, or ended there. */
export interface PassedEvent {
  readonly type: 'passed';
  readonly at: number;
  readonly id: number;
  readonly flow: string;
  readonly partner: string;
  readonly stage: string;
  readonly result: Result;
  /** Why it was refused. */
  readonly code: string | undefined;
  readonly durationMs: number;
  readonly bytes: number;
  /** Where it is to be written down. */
  readonly record: 'log' | 'history';
}

export type ExchangeEvent = FileEvent | WaitingEvent | PassedEvent;

/** What takes events in, in their order. */
export interface Sink {
  apply(events: readonly ExchangeEvent[]): void;
}
