// Driver postgres: PostgreSQL and what speaks like it, by pg.

import type { Driver } from '../driver.js';
import { PostgresConnection } from './postgres-connection.js';
import { OPAQUE } from './postgres-cursor.js';
import { logIn, open, reachOf } from './postgres-login.js';

export const postgres: Driver = {
  title: 'PostgreSQL',
  required: ['server', 'database', 'user', 'password'],
  optional: ['port', 'tls'],
  replicates: true,
  opaque: OPAQUE,
  commitsInOrder: false,
  timeHint: "column AT TIME ZONE 'Europe/Zurich' with the zone it was written in, or EXTRACT(EPOCH FROM …)",
  async connect(settings, context, signal) {
    const reach = await reachOf(settings, context);
    const session = await open(reach, context.application, signal);
    return new PostgresConnection(session, async (pid, cancelSignal) => {
      const { client, socket } = await logIn(reach, `${context.application} cancel`, cancelSignal);
      const hangUp = () => void socket.destroy();
      cancelSignal.addEventListener('abort', hangUp, { once: true });
      await client.query('SELECT pg_cancel_backend($1)', [pid]).finally(() => {
        cancelSignal.removeEventListener('abort', hangUp);
        hangUp();
      });
    });
  },
};
