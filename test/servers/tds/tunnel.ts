// TLS inside TDS ([MS-TDS] 2.2.6.5, 3.3.5.2): the handshake travels in PRELOGIN packets, everything after it as it is.

import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { MessageParser, packet, PACKET } from './packets.js';

const APPLICATION_DATA = 0x17;

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** @returns what the client says and hears in the clear */
export function tlsInPackets(carrier: Duplex, { certificate, key }: Certificate): TLSSocket {
  const tunnel = new Tunnel(carrier);
  const secureContext = createSecureContext({ cert: certificate, key, maxVersion: 'TLSv1.2' });
  return new TLSSocket(tunnel, { isServer: true, secureContext });
}

class Tunnel extends Duplex {
  readonly #carrier: Duplex;
  readonly #parser = new MessageParser();
  /** Of a flight of the handshake: a client waits for one message after each of its own. */
  #flight: Buffer[] = [];
  #open = false;

  constructor(carrier: Duplex) {
    super();
    this.#carrier = carrier;
    carrier.on('data', (chunk: Buffer) => this.#take(chunk));
    carrier.once('end', () => this.push(null));
    carrier.once('close', () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#flight.length === 0 && (this.#open || chunk[0] === APPLICATION_DATA)) {
      this.#open = true;
      if (this.#carrier.writable) this.#carrier.write(chunk);
    } else {
      if (this.#flight.length === 0) setImmediate(() => this.#send());
      this.#flight.push(chunk);
    }
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#carrier.destroy();
    done(error);
  }

  #send(): void {
    const data = Buffer.concat(this.#flight);
    this.#flight = [];
    if (this.#carrier.writable) this.#carrier.write(packet(PACKET.prelogin, data, true));
  }

  /** After its last message of the handshake a client sends records as they are; no packet begins like one. */
  #take(chunk: Buffer): void {
    if (this.#parser.rest.length === 0 && chunk[0] !== PACKET.prelogin) {
      this.push(chunk);
      return;
    }
    for (const { data } of this.#parser.push(chunk)) this.push(data);
  }
}
