// What the fleet and its exporters say to each other over the IPC channel.

import type { Config } from '../config/model.js';

/** From the fleet: what to run on, first at the start, then at each reload. The fleet has checked it, so that no exporter need load it again. */
export interface Configuration {
  readonly type: 'configuration';
  readonly config: Config;
}

/** From the fleet: to be answered at once with `alive`. */
export interface LifeRequest {
  readonly type: 'alive?';
}

/** From an exporter: its event loop turns. */
export interface Alive {
  readonly type: 'alive';
}

/** From an exporter: it listens now. */
export interface Listening {
  readonly type: 'listening';
  readonly url: string;
}

/** From an exporter: how the reload went. */
export interface Reloaded {
  readonly type: 'reloaded';
  readonly ok: boolean;
  readonly message?: string;
}

/** Reads what the fleet sent; undefined where it is none of ours. Checks the outline: the fleet is of this very version. */
export function readRequest(message: unknown): Configuration | LifeRequest | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  if (message.type === 'alive?') return { type: 'alive?' };
  if (message.type !== 'configuration' || !('config' in message) || !isConfig(message.config)) return undefined;
  return { type: 'configuration', config: message.config };
}

function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && 'sha' in value && 'sources' in value && Array.isArray(value.sources);
}

/** Reads what a child process sent; undefined where it is none of ours. */
export function readMessage(message: unknown): Listening | Reloaded | Alive | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  if (message.type === 'alive') return { type: 'alive' };
  if (message.type === 'listening' && 'url' in message && typeof message.url === 'string') return { type: 'listening', url: message.url };
  if (message.type !== 'reloaded' || !('ok' in message) || typeof message.ok !== 'boolean') return undefined;
  const text = 'message' in message && typeof message.message === 'string' ? { message: message.message } : {};
  return { type: 'reloaded', ok: message.ok, ...text };
}
