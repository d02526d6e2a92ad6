// `vigie try` of log sources as a process: on real logs, on samples, on the ends of files.

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { comments, Exchange, series } from './exchange.js';

const data = join(import.meta.dirname, '..', '..', '..', 'test', 'sources', 'log', 'data');
/** Starting is quick; a loaded machine is not. */
const LIMIT_MS = 30_000;

const RECEIVED = `
    events:
      - { when: { event: received }, flow: invoices, stage: received, partner: { from: partner }, bytes: size }`;

let exchange: Exchange;
beforeEach(() => {
  exchange = new Exchange();
});
afterEach(() => exchange.remove());

/** A source called exchange-log. */
function declare(block: string): void {
  exchange.declare(`
  exchange-log:
    kind: log
    files: ['*.log*']
${block.replace(/^\n/, '')}
`);
}

function path(name: string): string {
  return join(exchange.folder, name);
}

function write(name: string, text: string | Buffer): void {
  writeFileSync(path(name), text);
}

/** What is said of the lines, without what makes a comment of it. */
function reported(stdout: string): string[] {
  return comments(stdout)
    .filter((line) => line.startsWith('# | '))
    .map((line) => line.slice('# | '.length).replaceAll(exchange.folder, ''));
}

/** The comments that are no lines. */
function framed(stdout: string): string[] {
  return comments(stdout)
    .filter((line) => !line.startsWith('# | '))
    .map((line) => line.replaceAll(exchange.folder, ''));
}

describe('vigie try of a sample', () => {
  test(
    'GM5: tells of the real log of an SFTP server which rule took a line with what, what came nearest to the others, and what sorts of them there are',
    async () => {
      cpSync(join(data, 'sftp_chroot.log'), path('sample'));
      declare(String.raw`
    format: { regex: '^%{syslog_time:time} %{host} (?<program>[\w-]+)\[\d+\]: (?<message>.*)$' }
    ignore: [{ match: ' PAM ' }]
    events:
      - match: 'close "/home/(?<user>\w+)/.*" bytes read 0 written (?<size>\d+)$'
        flow: invoices
        stage: received
        partner: { from: user, map: { user4: chuv } }
        bytes: size
    metrics:
      - { name: sftp_logins_total, help: Logins., match: 'Accepted (?<method>\w+) for (?<user>\w+)', labels: [method] }`);

      const { code, stdout, stderr } = await exchange.vigie(['try', 'exchange-log', '--file', 'sample']);

      expect([code, stderr]).toEqual([0, '']);
      const lines = reported(stdout);
      expect(lines[0]).toBe('the sample from start to end; series are of these lines alone');
      const upload = lines.findIndex((line) => line.startsWith('line 57, matched: '));
      expect(lines[upload + 1]).toMatch(
        /^ {4}event 1 \(stage received\): user=user4 size=363520 time="Aug 19 02:19:48" program=sftp-server message="close /,
      );
      expect(lines).toContain(
        '    metric sftp_logins_total: method=password user=user1 time="Aug 19 02:16:39" program=sshd message="Accepted password for user1 from 192.168.0.2 port 1195 ssh2"',
      );
      expect(lines).toContain('    ignore 1');
      expect(lines.slice(lines.indexOf('unmatched, by template:'), -1).slice(0, 4)).toEqual([
        'unmatched, by template:',
        '    count   share  nearest rule                     template',
        expect.stringMatching(/^ {7}55 {2}25\.2 % .* <time> upload sftp-server\[<num>\]: opendir <str>$/),
        expect.stringMatching(/^ {7}54 {2}24\.8 % .* <time> upload sftp-server\[<num>\]: closedir <str>$/),
      ]);
      expect(lines.join('\n')).toMatch(
        /^ {7}10 {3}4\.6 % {2}event 1 \(stage received\) \(\d\d %\) {2}<time> upload sftp-server\[<num>\]: close <str> bytes read <num> written <num>$/m,
      );
      expect(lines.at(-1)).toBe('236 lines: 6 matched, 218 unmatched, 12 ignored, 0 malformed, 0 too long');
      expect(series(stdout)).toEqual(
        expect.arrayContaining([
          'flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 2',
          'flow_message_bytes_total{flow="invoices",partner="chuv",env="prod",stage="received"} 739840',
          'sftp_logins_total{method="password",env="prod"} 4',
          'vigie_log_lines_total{source="exchange-log",kind="log",result="unmatched"} 218',
        ]),
      );
    },
    LIMIT_MS,
  );

  test(
    'GM5: tells of the real log of vsftpd where the pattern of the format stops, and which times are too old to be believed',
    async () => {
      cpSync(join(data, 'vsftpd_xferlog'), path('sample'));
      appendFileSync(path('sample'), 'Mon Feb 21 15:51:32 2011 1 198.51.100.36 n/a /incoming/x.deb b _ i a anonymous@ ftp 0 * c');
      declare(String.raw`
    format: { regex: '^%{ctime:time} (?<seconds>\d+) %{host:host} (?<size>\d+) (?<file>\S+) .* (?<status>[ci])$' }
    time: { field: time, format: '%a %b %d %H:%M:%S %Y', timezone: Europe/Zurich }
    events:
      - when: { file: { matches: '\.deb$' } }
        flow: invoices
        stage: received
        partner: chuv
        bytes: size`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log', '--file', 'sample', '--lines', '11']);

      expect(code).toBe(0);
      const lines = reported(stdout);
      expect(lines.slice(3, 7)).toEqual([
        'line 2, unmatched: Mon Feb 21 15:21:33 2011 1 198.51.100.36 752 /incoming/example_324589822_all.changes b _ i a anonymous@ ftp 0 * c',
        String.raw`    nearest: event 1 (stage received), 0 of 1 condition: expected file to match \.deb$, found "/incoming/example_324589822_all.changes" (it stops at "deb")`,
        expect.stringMatching(/^line 3, matched: /),
        expect.stringMatching(/^ {4}event 1 \(stage received\): file=\/incoming\/example_324589893_all\.deb size=530 time=/),
      ]);
      const last = lines.findIndex((line) => line.startsWith('line 11, unmatched: '));
      expect(lines[last + 1]).toMatch(/^ {4}nearest: format, \d\d % of the pattern: after ".*" expected \(\?<size>\\d\+\), found "n\/a /);
      expect(lines.at(-1)).toBe('11 lines: 5 matched, 6 unmatched, 0 ignored, 0 malformed, 0 too long');
      expect(framed(stdout)).toContain('# warning: 5 lines: the time is longer ago than max_age, 30d');
    },
    LIMIT_MS,
  );

  test(
    'GM5: finds the value of a JSON log that is misspelt, what is no JSON, what no rule can read, and what is not declared',
    async () => {
      write(
        'sample',
        [
          '{"event":"received","partner":"chuv","size":12}',
          '{"event":"recieved","partner":"chuv","size":12}',
          '{"event":"received","partner":"chuv","size":"n/a"}',
          '{"event":"received","partner":"hug-est","size":1}',
          '{"event":"received",',
        ].join('\n'),
      );
      declare(`    format: json${RECEIVED}`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log', '--file', 'sample']);

      expect(code).toBe(0);
      expect(reported(stdout).slice(1)).toEqual([
        'line 1, matched: {"event":"received","partner":"chuv","size":12}',
        '    event 1 (stage received): event=received partner=chuv size=12',
        'line 2, unmatched: {"event":"recieved","partner":"chuv","size":12}',
        '    nearest: event 1 (stage received), 0 of 1 condition: expected event "received", found "recieved" (nearly "received")',
        'line 3, malformed: {"event":"received","partner":"chuv","size":"n/a"}',
        '    bytes: the field size is "n/a", no number',
        '    event 1 (stage received): event=received partner=chuv size=n/a',
        'line 4, matched: {"event":"received","partner":"hug-est","size":1}',
        '    partner "hug-est" is not declared',
        '    event 1 (stage received): event=received partner=hug-est size=1',
        'line 5, malformed: {"event":"received",',
        expect.stringMatching(/^ {4}no JSON object: Expected double-quoted property name in JSON at position 20/),
        'unmatched, by template:',
        '    count    share  nearest rule                     template',
        '        1  100.0 %  event 1 (stage received) (60 %)  {"event":"recieved","partner":"chuv","size":<num>}',
        '5 lines: 2 matched, 1 unmatched, 0 ignored, 2 malformed, 0 too long',
      ]);
      expect(framed(stdout)).toContain('# warning: partner "hug-est" is not declared in the YAML, seen 1×');
    },
    LIMIT_MS,
  );

  test(
    'GM5: reads a sample through standard input, to its last line that has no end, and with a record of several lines that is still open',
    async () => {
      exchange.declare(String.raw`
  exchange-log:
    kind: log
    follow: path
    files: [app.log]
    format: text
    multiline: { start: '^\d+ ' }
    max_line: 64
    metrics:
      - { name: app_errors_total, help: Errors., match: 'ERROR (?<what>\w+).*at (?<place>\w+)$', labels: [what] }
`);

      const { code, stdout } = await exchange.vigie(
        ['try', 'exchange-log', '--file', '-'],
        {},
        `1 INFO start\n2 ERROR disk\n  full\n  at main\n${'x'.repeat(100)}\n3 INFO\n4 ERROR net\n  at send`,
      );

      expect(code).toBe(0);
      expect(reported(stdout).slice(1, -1)).toEqual(
        expect.arrayContaining([
          'line 2, matched: 2 ERROR disk␊  full␊  at main',
          '    metric app_errors_total: what=disk place=main',
          'line 5, too long: ',
          '    longer than max_line, 64 bytes',
          'line 7, matched: 4 ERROR net␊  at send',
        ]),
      );
      expect(reported(stdout).at(-1)).toBe('5 lines: 2 matched, 2 unmatched, 0 ignored, 0 malformed, 1 too long');
      expect(series(stdout)).toContain('app_errors_total{what="net",env="prod"} 1');
    },
    LIMIT_MS,
  );

  test(
    'reads a sample that rotation has compressed, with CSV columns from its first line',
    async () => {
      write('sample.gz', gzipSync('event,partner,size\nreceived,chuv,12\nreceived,chuv\n'));
      write('broken.gz', 'no gzip');
      declare(`    format: csv${RECEIVED}`);

      const good = await exchange.vigie(['try', 'exchange-log', '--file', 'sample.gz']);
      const broken = await exchange.vigie(['try', 'exchange-log', '--file', 'broken.gz']);

      expect(reported(good.stdout).slice(1)).toEqual(
        expect.arrayContaining([
          'line 1, unmatched: event,partner,size',
          'line 2, matched: received,chuv,12',
          'line 3, malformed: received,chuv',
          '    not as many values as there are columns, or a quote that does not end',
        ]),
      );
      expect([good.code, broken.code, broken.stdout]).toEqual([0, 1, '']);
      expect(broken.stderr).toBe('--file broken.gz: it cannot be unpacked (incorrect header check)\n');
    },
    LIMIT_MS,
  );

  test(
    'is not held up by a pattern that runs away, and tells of it',
    async () => {
      write('sample', `${'a'.repeat(40)}!\nok a\n${'b'.repeat(40)}!\n`);
      declare(`
    format: text
    metrics:
      - { name: app_lines_total, help: Lines., match: '^(a+)+$' }
      - { name: app_twins_total, help: Lines., match: '^(b+)+(?=c)' }
      - { name: app_fine_total, help: Lines., match: '^ok (?<rest>.*)$' }`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log', '--file', 'sample']);

      expect(code).toBe(0);
      expect(framed(stdout).join('\n')).toMatch(/^# warning: pattern metrics\.0 match ran away and is matched by a slower engine/m);
      expect(framed(stdout).join('\n')).toMatch(/^# warning: pattern metrics\.1 match ran away and is switched off/m);
      expect(reported(stdout)).toEqual(
        expect.arrayContaining([
          '    metric app_fine_total: rest=a',
          `line 3, unmatched: ${'b'.repeat(40)}!`,
          '    abandoned: a pattern is switched off, and nobody knows whether it would match',
        ]),
      );
    },
    LIMIT_MS,
  );

  test(
    'shows starts and ends of correlations, and what is open at the end of the sample',
    async () => {
      write('sample', ['start a', 'end a', 'start b', 'start'].join('\n'));
      declare(String.raw`
    format: { regex: '^(?<event>\w+)(?: (?<id>\w+))?$' }
    id: id
    correlations:
      - { stage: received, flow: invoices, partner: chuv, start: { when: { event: start } }, end: { when: { event: end }, outcome: ok } }`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log', '--file', 'sample']);

      expect(code).toBe(0);
      expect(reported(stdout).slice(1, -1)).toEqual([
        'line 1, matched: start a',
        '    correlation 1 start: event=start id=a',
        'line 2, matched: end a',
        '    correlation 1 end: event=end id=a',
        'line 3, matched: start b',
        '    correlation 1 start: event=start id=b',
        'line 4, malformed: start',
        '    id: the field id is not there',
        '    correlation 1 start: event=start',
      ]);
      expect(series(stdout)).toEqual(
        expect.arrayContaining([
          'flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 1',
          'flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 1',
        ]),
      );
    },
    LIMIT_MS,
  );
});

describe('vigie try of a log source', () => {
  test(
    'GM5: reads the end of its newest files, whatever the record says, and counts these lines alone; nothing is written',
    async () => {
      declare(`    format: json${RECEIVED}`);
      const line = '{"event":"received","partner":"chuv","size":1}\n';
      write('app.log.1', line.repeat(3));
      utimesSync(path('app.log.1'), 1, 1);
      write('app.log', `${line.repeat(10_000)}{"event":"half`);
      const before = readdirSync(exchange.folder);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log', '--lines', '1']);

      expect(code).toBe(0);
      expect(readdirSync(exchange.folder)).toEqual(before);
      const whole = Math.floor((256 * 1024 - '{"event":"half'.length) / line.length);
      expect(framed(stdout).slice(0, 3)).toEqual([
        expect.stringMatching(/^# files: ok, /),
        '# server: 2 files, the newest /app.log, utf-8',
        '# phases: read … ms',
      ]);
      expect(reported(stdout)).toEqual([
        'the last 256 KiB of /app.log; series are of these lines alone',
        `line 1, matched: ${line.trim()}`,
        '    event 1 (stage received): event=received partner=chuv size=1',
        `${whole} lines: ${whole} matched, 0 unmatched, 0 ignored, 0 malformed, 0 too long`,
      ]);
      expect(series(stdout)).toContain(
        `flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} ${whole}`,
      );
    },
    LIMIT_MS,
  );

  test(
    'reads older files too where the newest is small, and whole records where they have several lines',
    async () => {
      declare(`
    format: text
    multiline: { start: '^[0-9]' }
    metrics: [{ name: app_records_total, help: Records., match: '^(?<id>[0-9]+).*end$', labels: [] }]`);
      const record = `1 begin\n${' '.repeat(96)}end\n`;
      write('app.log.1', `${' in between\n'.repeat(30_000)}${record.repeat(2)}`);
      utimesSync(path('app.log.1'), 1, 1);
      write('app.log', '2 begin\n end\n3 half');

      const { stdout } = await exchange.vigie(['try', 'exchange-log']);

      expect(reported(stdout)[0]).toBe('all of /app.log, after 1 older file; series are of these lines alone');
      expect(reported(stdout).at(-1)).toBe('3 lines: 3 matched, 0 unmatched, 0 ignored, 0 malformed, 0 too long');
    },
    LIMIT_MS,
  );

  test(
    'fails where no file is there or the record is damaged, and still shows what can be read',
    async () => {
      declare(`    format: json${RECEIVED}`);
      const none = await exchange.vigie(['try', 'exchange-log']);
      write('app.log', '{"event":"received","partner":"chuv","size":1}\n');
      mkdirSync(path('.vigie/state/exchange-log'), { recursive: true });
      write('.vigie/state/exchange-log/files.json', 'damaged');
      const damaged = await exchange.vigie(['try', 'exchange-log']);

      expect([none.code, damaged.code]).toEqual([1, 1]);
      expect(framed(none.stdout)[0]).toBe('# files: failed after … ms (read, not_found): no file matches *.log*');
      expect(framed(damaged.stdout)[0]).toMatch(/^# files: failed after … ms \(state, state\): .*damaged/);
      expect(reported(damaged.stdout)).toContain('    event 1 (stage received): event=received partner=chuv size=1');
      expect(readFileSync(path('.vigie/state/exchange-log/files.json'), 'utf8')).toBe('damaged');
    },
    LIMIT_MS,
  );

  test(
    'takes nothing from a named pipe',
    async () => {
      spawnSync('mkfifo', [path('app.log')]);
      exchange.declare(`
  exchange-log:
    kind: log
    follow: path
    files: [app.log]
    format: json${RECEIVED}
`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-log']);

      expect(code).toBe(0);
      expect(framed(stdout)).toContain(
        '# warning: /app.log is a pipe: what is read from it is gone, so it is not read here; --file takes a sample',
      );
      expect(reported(stdout)[0]).toBe('nothing is read');
    },
    LIMIT_MS,
  );
});

describe('vigie check --live of a log source', () => {
  test(
    'warns where no rule takes any of the last lines, and where only compressed files are there',
    async () => {
      declare(`    format: json${RECEIVED}`);
      write('app.log', '{"event":"recieved"}\n'.repeat(3));
      const useless = await exchange.vigie(['check', '--live']);
      write('app.log', '{"event":"received","partner":"chuv","size":1}\n');
      const good = await exchange.vigie(['check', '--live']);
      exchange.remove();
      exchange = new Exchange();
      declare(`    format: json${RECEIVED}`);
      write('app.log.1.gz', gzipSync(''));
      const compressed = await exchange.vigie(['check', '--live']);

      expect([useless.code, good.code, compressed.code]).toEqual([0, 0, 1]);
      expect(useless.stdout + useless.stderr).toMatch(
        /warning sources\.exchange-log\.files: no rule takes any of the last 3 lines of .*app\.log: vigie try exchange-log shows why/,
      );
      expect(good.stdout + good.stderr).not.toMatch(/warning sources/);
      expect(compressed.stdout + compressed.stderr).toMatch(/warning .*only compressed files match \*\.log\*: name the log itself, too/);
      expect(existsSync(path('.vigie'))).toBe(false);
    },
    LIMIT_MS,
  );
});
