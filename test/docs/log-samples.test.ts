// The worked examples of log sources: what the pages state is what the exporter makes of the logs.

import { allSeries, LogExporter, logSamples, normal, stated, type LogSample } from './log-samples.js';

const samples = logSamples();

describe('the worked examples of log sources', () => {
  let exporter: LogExporter | undefined;
  afterEach(async () => {
    await exporter?.stop();
    exporter = undefined;
  });

  test('are on every page about a kind of log, and on the pages of alerts', () => {
    const pages = new Set(samples.map(({ place }) => place.replace(/:\d+$/, '')));

    expect([...pages].toSorted()).toEqual([
      'docs/sources/log.md',
      'docs/sources/log/correlations.md',
      'docs/sources/log/key-value.md',
      'docs/sources/log/lines.md',
      'docs/sources/log/nginx.md',
      'docs/sources/log/openssh.md',
      'docs/sources/log/spring-boot.md',
      'docs/sources/log/vsftpd.md',
      'docs/tasks/endpoint-alerts.md',
      'docs/tasks/log-alerts.md',
    ]);
  });

  test.each(samples.filter(({ openMetrics }) => !openMetrics).map(titled))(
    '%s gives the series that the page states, and no others',
    async (_title, sample) => {
      exporter = await LogExporter.start(sample);

      const found = await exporter.read(sample);

      const claimed = sample.series.map(normal);
      expect(claimed.filter((line) => !allSeries(found).has(line))).toEqual([]);
      expect(stated(found).filter((line) => !claimed.includes(line))).toEqual([]);
    },
    60_000,
  );

  test.each(samples.filter(({ openMetrics }) => openMetrics).map(titled))(
    '%s gives the exemplars that the page states',
    async (_title, sample) => {
      exporter = await LogExporter.start(sample);

      await exporter.read(sample);
      const text = await exporter.openMetrics();

      const exemplars = text.split('\n').filter((line) => line.includes(' # '));
      expect(exemplars.map(bare).toSorted()).toEqual(sample.series.map(bare).toSorted());
    },
    60_000,
  );

  test('show lines that are in the real logs', () => {
    const invented = samples.flatMap(({ shown: lines, place, log }) =>
      lines
        .split('\n')
        .filter((line) => line !== '' && line !== '…' && !log.toString().includes(line.replace(TIME, '')))
        .map((line) => `${place}: ${line}`),
    );

    expect(invented.filter((line) => /openssh|vsftpd/.test(line))).toEqual([]);
  });
});

/** Of syslog and of xferlog, at the beginning of a line: it was moved to now. */
const TIME = /^(?:\w{3} )?\w{3} [ \d]\d [\d:]{8} (?:\d{4} )?/;

function titled(sample: LogSample): [string, LogSample] {
  return [`${sample.rows.replaceAll(' ', ', ')}: ${sample.place}`, sample];
}

/** Without the labels that all series of a source have, and without the time: samples are moved to now. */
function bare(line: string): string {
  return line
    .replace(/ [\d.]+$/, '')
    .replaceAll(/,?(?:env|source|kind)="[^"]*"/g, '')
    .replace('{,', '{');
}
