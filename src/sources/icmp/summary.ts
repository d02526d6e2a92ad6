// Reads what `ping` prints: that of iputils, and that of busybox.

export interface Summary {
  readonly sent: number;
  readonly received: number;
  /** Milliseconds; undefined where nothing came back. */
  readonly travel: { readonly shortest: number; readonly average: number; readonly longest: number } | undefined;
  /** Whether a host on the way answered that there is no way to this one. */
  readonly unreachable: boolean;
}

/** iputils: `3 packets transmitted, 2 received, …`; busybox: `3 packets transmitted, 3 packets received, …` */
const COUNTS = /^(?<sent>\d+) packets transmitted, (?<received>\d+) (?:packets )?received/m;
/** iputils: `rtt min/avg/max/mdev = 0.041/0.111/0.182/0.070 ms`; busybox: `round-trip min/avg/max = 0.019/0.019/0.019 ms` */
const TRAVEL = /^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = (?<shortest>[\d.]+)\/(?<average>[\d.]+)\/(?<longest>[\d.]+)/m;
/** What routers answer, RFC 792 and RFC 4443, as iputils prints it. */
const UNREACHABLE = /^From .*(?:unreachable|prohibited|filtered|No route)/im;

/** @returns undefined where the text is no summary */
export function readSummary(text: string): Summary | undefined {
  const counts = COUNTS.exec(text)?.groups;
  if (!counts) return undefined;
  const travel = TRAVEL.exec(text)?.groups;
  return {
    sent: Number(counts['sent']),
    received: Number(counts['received']),
    travel: travel && {
      shortest: Number(travel['shortest']),
      average: Number(travel['average']),
      longest: Number(travel['longest']),
    },
    unreachable: UNREACHABLE.test(text),
  };
}
