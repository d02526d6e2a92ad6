// Packets and messages of TDS ([MS-TDS] 2.2.3): a message is one or more packets of one type, the last of which says so.

import type { Duplex } from 'node:stream';

export const PACKET = {
  sqlBatch: 0x01,
  rpc: 0x03,
  answer: 0x04,
  attention: 0x06,
  federatedToken: 0x08,
  transaction: 0x0e,
  login: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

const HEADER_BYTES = 8;
const END_OF_MESSAGE = 0x01;

export interface Message {
  readonly type: number;
  readonly data: Buffer;
}

/** Splits a stream of bytes into messages; what is no packet at all is an error. */
export class MessageParser {
  #bytes: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];

  /** Bytes that came and belong to no whole packet yet. */
  get rest(): Buffer {
    return this.#bytes;
  }

  push(chunk: Buffer): Message[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const messages: Message[] = [];
    while (this.#bytes.length >= HEADER_BYTES) {
      const length = this.#bytes.readUInt16BE(2);
      if (length < HEADER_BYTES) throw new Error(`a packet of ${length} bytes is no packet of TDS`);
      if (this.#bytes.length < length) break;
      const [type = 0, status = 0] = this.#bytes;
      this.#parts.push(this.#bytes.subarray(HEADER_BYTES, length));
      this.#bytes = this.#bytes.subarray(length);
      if ((status & END_OF_MESSAGE) === 0) continue;
      messages.push({ type, data: Buffer.concat(this.#parts) });
      this.#parts = [];
    }
    return messages;
  }
}

/** @param last whether it ends its message */
export function packet(type: number, data: Buffer, last: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(type, 0);
  header.writeUInt8(last ? END_OF_MESSAGE : 0, 1);
  header.writeUInt16BE(HEADER_BYTES + data.length, 2);
  return Buffer.concat([header, data]);
}

/** Writes one message of the server, packet by packet, as its tokens come. */
export class MessageWriter {
  readonly #stream: Duplex;
  readonly #size: number;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(stream: Duplex, packetSize = 4096) {
    this.#stream = stream;
    this.#size = packetSize - HEADER_BYTES;
  }

  /** @returns false while the client does not keep up */
  write(data: Buffer): boolean {
    if (this.#ended) return true;
    this.#bytes = Buffer.concat([this.#bytes, data]);
    let keepsUp = true;
    while (this.#bytes.length > this.#size) {
      keepsUp = this.#send(this.#bytes.subarray(0, this.#size), false);
      this.#bytes = this.#bytes.subarray(this.#size);
    }
    return keepsUp;
  }

  /** Sends what is there, without ending the message. */
  flush(): void {
    if (this.#ended || this.#bytes.length === 0) return;
    this.#send(this.#bytes, false);
    this.#bytes = Buffer.alloc(0);
  }

  end(data: Buffer = Buffer.alloc(0)): void {
    if (this.#ended) return;
    this.write(data);
    this.#ended = true;
    this.#send(this.#bytes, true);
  }

  #send(data: Buffer, last: boolean): boolean {
    return this.#stream.writable ? this.#stream.write(packet(PACKET.answer, data, last)) : true;
  }
}
