// How mail leaves: edited here, since the YAML says who is told, not through which relay.

export const MAIL = {
  /** host:port of the SMTP relay, as the machine of Alertmanager sees it. */
  smarthost: 'localhost:25',
  from: 'vigie@localhost',
  /** Whether the relay must offer STARTTLS. A relay on the same machine seldom does. */
  requireTls: false,
} as const;
