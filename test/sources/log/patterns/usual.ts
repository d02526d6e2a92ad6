// Patterns as people write them, and lines that they are for.

/** None can run away on a line of usual length. */
export const USUAL: readonly string[] = [
  // nginx and Apache
  '^(?<ip>\\S+) \\S+ (?<user>\\S+) \\[(?<time>[^\\]]+)\\] "(?<method>\\S+) (?<path>\\S+) [^"]*" (?<status>\\d{3}) (?<bytes>\\d+|-) "(?<ref>[^"]*)" "(?<agent>[^"]*)"',
  '^%{ip:client} - %{notspace:user} \\[%{http_time:time}\\] %{quoted:request} %{integer:status} %{integer:bytes} %{quoted:referrer} %{quoted:agent}$',
  '^\\[(?<time>[^\\]]+)\\] \\[(?:\\w+:)?(?<level>\\w+)\\] (?:\\[pid (?<pid>\\d+)\\] )?(?<message>.*)$',
  // syslog, OpenSSH
  '^%{syslog_time:time} %{host:host} (?<program>[\\w./-]+)(?:\\[(?<pid>\\d+)\\])?: (?<message>.*)$',
  'session opened for local user (?<user>\\w+) from \\[(?<ip>[^\\]]+)\\]',
  'close (?<file>"[^"]*") bytes read (?<read>\\d+) written (?<written>\\d+)',
  // vsftpd (xferlog)
  '^(?<time>\\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}) (?<duration>\\d+) (?<host>\\S+) (?<bytes>\\d+) (?<file>\\S+) (?<type>[ab]) (?<flag>[_CUT]) (?<direction>[oid]) (?<access>[agr]) (?<user>\\S+) (?<service>\\S+) (?<auth>[01]) (?<authuser>\\S+) (?<status>[ci])$',
  '^%{ctime:time} %{integer:duration} %{host:host} %{integer:bytes} %{path:file} [ab] [_CUT] (?<direction>[oid]) r %{word:user} ftp 0 \\* (?<status>[ci])$',
  // Java
  '^%{timestamp:time}\\s+%{level:level}\\s+(?<pid>\\d+)\\s+---\\s+\\[\\s*(?<thread>[^\\]]+)\\]\\s+(?<logger>\\S+)\\s*: (?<message>.*)$',
  '^%{timestamp:time} \\[%{notspace:thread}\\] %{level:level} +%{notspace:logger} - %{rest:message}$',
  'Exception in thread "(?<thread>[^"]+)" (?<class>[\\w.$]+)',
  '^\\s+at (?<frame>[\\w.$<>]+)\\((?<where>[^)]*)\\)',
  // of the house
  '^\\S+ \\w+ +\\[\\S+\\] http: (?<method>[A-Z]+) (?<path>\\S+) status=(?<status>\\d+) bytes=(?<bytes>\\d+) took=(?<took>\\d+)ms',
  'upload of %{quoted:file} done, (?<size>\\d+) bytes',
  'took (?<ms>\\d+(?:\\.\\d+)?) ?ms',
  'status=(?<status>\\d+).*took=(?<took>[\\d.]+)',
  '^(?<level>[A-Z]+)\\|(?<time>[^|]*)\\|(?<message>.*)$',
  'user=(?<user>[^,\\s]+), ?(?:host=(?<host>[^,\\s]+), ?)?result=(?<result>\\w+)',
  '(?<partner>[a-z]+)-\\d+\\.log',
  '%{uuid:id} %{word:event} %{number:value}',
  '^%{timestamp:time};(?<a>[^;]*);(?<b>[^;]*);(?<c>[^;]*);(?<d>[^;]*)$',
  '(?<key>\\w+)="(?<value>(?:[^"\\\\]|\\\\.)*)"',
  '^(?<time>\\S+ \\S+) (?<level>\\w+) (?<message>.*) id=(?<id>\\w+)$',
  '^\\s*(?<message>.*)\\s*$',
];

export const LINES: readonly string[] = [
  '10.0.0.7 - anna [26/Nov/2025:08:46:00 +0100] "GET /api/v1/orders?id=1 HTTP/1.1" 200 5316 "-" "curl/8.5.0"',
  '2001:db8::8 - - [26/Nov/2025:08:46:01 +0100] "POST /api HTTP/2.0" 404 12 "https://example.ch/a b" "Mozilla/5.0 (X11; \\"Linux\\")"',
  '[Wed Nov 26 08:46:00.123456 2025] [core:error] [pid 4711] AH00126: Invalid URI in request',
  'Nov 26 08:46:00 sftp-1 sshd[4711]: session opened for local user chuv from [192.0.2.7]',
  'Nov  6 08:46:00 sftp-1.example.ch internal-sftp[12]: close "/in/invoice 1.xml" bytes read 0 written 5316',
  'Thu Nov  6 08:46:00 2025 1 192.0.2.7 5316 /in/invoice_1.xml b _ i r chuv ftp 0 * c',
  '2025-11-26T08:46:00.123+01:00  INFO 4711 --- [   main] c.e.exchange.Receiver    : received invoice 7',
  '2025-11-26 08:46:00,123 [http-nio-8080-exec-1] WARN  ch.example.Router - no route for "x"\n\tat a.B.c(B.java:7)',
  'Exception in thread "main" java.lang.IllegalStateException: no\n\tat ch.example.Main.main(Main.java:12)',
  '\tat ch.example.Router.<init>(Router.java:42)',
  '2025-11-26T08:46:00.000Z INFO  [worker-1] http: GET /api/v1/orders/7 status=200 bytes=5316 took=12ms client=10.0.0.1',
  'upload of "in/inv\\"oice.xml" done, 5316 bytes, took 12.5 ms',
  'ERROR|2025-11-26 08:46|it failed|twice',
  'login user=anna, host=a.example.ch, result=OK',
  'login user=bert,result=KO',
  'hirslanden-12.log',
  '123e4567-e89b-12d3-a456-426614174000 received 1.5e3',
  '2025-11-26T08:46:00Z;chuv;;5316;OK',
  'msg="a \\"b\\" c" empty="" after=x',
  '26.11.2025 08:46 INFO it is done id=abc id=def7',
  'Zürich – naïve 😀\u00a0x\u2003',
  '',
];
