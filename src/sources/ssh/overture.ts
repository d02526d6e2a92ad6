// Listens to what a server says before anything is encrypted: the line by which it greets (RFC 4253, section 4.2), and the algorithms
// that it offers (section 7.1). ssh2 does the talking and tells neither.

/** Lines may come before the greeting; this much of them is read. */
const LONGEST_GREETING = 16_384;
/** RFC 4253, section 6.1: what every implementation must be able to take. */
const LONGEST_PACKET = 35_000;
const KEXINIT = 20;
/** Of the message KEXINIT: its number and 16 random bytes come before the lists. */
const LISTS_AT = 17;

/** Names of algorithms, in the order in which the server prefers them. */
export interface Offer {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  /** Both directions. */
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

export class Overture {
  #bytes = Buffer.alloc(0);
  #greeting: string | undefined;
  #offer: Offer | undefined;
  #ended = false;
  #before = '';

  /** The line by which the server greets, without its end. */
  get greeting(): string | undefined {
    return this.#greeting;
  }

  get offer(): Offer | undefined {
    return this.#offer;
  }

  /** What was said in place of a greeting; not to be shown, it may be anything. */
  get before(): string {
    return this.#before || this.#bytes.toString('latin1');
  }

  /** Whether more was said than a greeting may be long, and none was among it. */
  get isTooLong(): boolean {
    return this.#greeting === undefined && this.#bytes.length > LONGEST_GREETING;
  }

  /** Takes what the server sent. Nothing is kept once the offer is known. */
  push(chunk: Buffer): void {
    if (this.#ended) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#greeting === undefined) this.#readGreeting();
    if (this.#greeting !== undefined) this.#readPackets();
    if (this.isTooLong || this.#bytes.length > LONGEST_PACKET * 2 || this.#offer !== undefined) this.#end();
  }

  #end(): void {
    this.#ended = true;
    if (!this.isTooLong) this.#bytes = Buffer.alloc(0);
  }

  #readGreeting(): void {
    let start = 0;
    for (;;) {
      const end = this.#bytes.indexOf(0x0a, start);
      if (end < 0) return;
      const line = this.#bytes.toString('latin1', start, end).replace(/\r$/, '');
      start = end + 1;
      if (!line.startsWith('SSH-')) continue;
      this.#greeting = line;
      this.#before = this.#bytes.toString('latin1', 0, start);
      this.#bytes = this.#bytes.subarray(start);
      return;
    }
  }

  /** Packets of other types may come before the offer; what is no packet is left to ssh2. */
  #readPackets(): void {
    while (this.#bytes.length >= 6) {
      const length = this.#bytes.readUInt32BE(0);
      if (length < 2 || length > LONGEST_PACKET) return this.#end();
      if (this.#bytes.length < 4 + length) return;
      const payload = this.#bytes.subarray(5, 4 + length - this.#bytes.readUInt8(4));
      this.#bytes = this.#bytes.subarray(4 + length);
      if (payload[0] !== KEXINIT) continue;
      this.#offer = readOffer(payload);
      return;
    }
  }
}

function readOffer(payload: Buffer): Offer | undefined {
  const lists: string[][] = [];
  let at = LISTS_AT;
  while (lists.length < 6) {
    if (at + 4 > payload.length) return undefined;
    const length = payload.readUInt32BE(at);
    if (at + 4 + length > payload.length) return undefined;
    lists.push(
      payload
        .toString('latin1', at + 4, at + 4 + length)
        .split(',')
        .filter(Boolean),
    );
    at += 4 + length;
  }
  const [kex = [], hostKey = [], there = [], back = [], macThere = [], macBack = []] = lists;
  return { kex, hostKey, cipher: [...new Set([...there, ...back])], mac: [...new Set([...macThere, ...macBack])] };
}
