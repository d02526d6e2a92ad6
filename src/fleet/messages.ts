// What the fleet and its exporters say to each other over the IPC channel.

/** From the fleet. */
export interface ReloadRequest {
  readonly type: 'reload';
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

/** Reads what a child process sent; undefined where it is none of ours. */
export function readMessage(message: unknown): Listening | Reloaded | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  if (message.type === 'listening' && 'url' in message && typeof message.url === 'string') return { type: 'listening', url: message.url };
  if (message.type !== 'reloaded' || !('ok' in message) || typeof message.ok !== 'boolean') return undefined;
  const text = 'message' in message && typeof message.message === 'string' ? { message: message.message } : {};
  return { type: 'reloaded', ok: message.ok, ...text };
}
