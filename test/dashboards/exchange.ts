// An exchange as its exporters would expose it, with something of everything: what the dashboards must be able to show.

import { createServer, type Server } from 'node:http';
import { canary, credentials, endpoint, files, fleet, intended, observed, own, probing, responses } from '../../src/conventions.js';

const flow = 'flow="factures-tge",env="prod"';
const place = (stage: string) => `flow="factures-tge",partner="chuv",env="prod",stage="${stage}"`;
const source = 'source="exchange-db",kind="sql"';
const site = 'endpoint="chuv-api",partner="chuv",env="prod",site="geneva",protocol="https",origin="partner"';
const directory = `${place('received')},directory="/in/tge"`;

/** The text of all series at this moment, in Unix seconds. */
export function exposition(now: number): string {
  const lines = [
    `${intended.environment.name}{env="prod",title="Production",production="true"} 1`,
    `${intended.flow.name}{${flow},team="flux",criticality="high",direction="inbound",origin="internal",title="Factures TGE",runbook_url="https://wiki.example.org/r"} 1`,
    `${intended.partner.name}{${flow},partner="chuv",direction="inbound",title="CHUV"} 1`,
    `${intended.bound.name}{${flow},stage="processed",indicator="backlog",statistic="held",severity="critical",side="above",window="1m"} 50`,
    `${intended.sourceExpected.name}{${source},team="flux",env="prod"} 1`,
    `${intended.sourceExpected.name}{source="gone",kind="log",team="flux",env="prod"} 1`,
    `${own.sourceUp.name}{${source}} 1`,
    `${own.lastSuccess.name}{${source},collector="waiting"} ${now}`,
    `${own.collectDuration.name}{${source},collector="waiting"} 0.2`,
    `${own.series.name}{${source}} 120`,
    `${own.errors.name}{${source},phase="query",class="timeout"} ${now}`,
    `${own.undeclared.name}{${source},label="partner"} ${now}`,
    `${fleet.restarts.name}{${source}} 0`,
    `${endpoint.up.name}{${site}} 0`,
    `${endpoint.duration.name}{${site},phase="connect"} 0.02`,
    `${endpoint.status.name}{${site}} 503`,
    `${endpoint.certificateExpiry.name}{${site}} ${now + 86_400 * 20}`,
    `${endpoint.failure.name}{${site},phase="answer",reason="status"} 1`,
    `${endpoint.chainExpiry.name}{${site}} ${now + 86_400 * 10}`,
    `${endpoint.failures.name}{${site},phase="answer",reason="status"} ${now}`,
    `${intended.flowSource.name}{${flow},source="exchange-db"} 1`,
    `${probing.wait.name}{${source},collector="chuv-api"} 0`,
    `${probing.loginPaused.name}{${source},account="chuv-api"} 1`,
    `${probing.loginRejections.name}{${source},account="chuv-api"} 2`,
    `${probing.loginRetry.name}{${source},account="chuv-api"} ${now + 300}`,
    `${credentials.expiry.name}{${source},credential="key"} ${now + 86_400 * 30}`,
    `${files.stalled.name}{${directory}} 1`,
    `${files.partial.name}{${directory}} 2`,
    `${files.unmatched.name}{${directory}} 0`,
    `${files.expectedPresent.name}{${place('received')},file="daily"} 0`,
    `${files.arrived.name}{${place('received')}} ${now}`,
    `${files.departed.name}{${place('received')}} ${now}`,
    `${files.space.name}{${source},directory="/in/tge"} 1000`,
    `${files.spaceFree.name}{${source},directory="/in/tge"} 500`,
    `${files.inodes.name}{${source},directory="/in/tge"} 1000`,
    `${files.inodesFree.name}{${source},directory="/in/tge"} 500`,
    `${responses.pending.name}{${place('processed')}} 3`,
    `${responses.oldest.name}{${place('processed')}} ${now - 60}`,
    `${responses.total.name}{${place('processed')},outcome="rejected"} ${now}`,
    `${canary.up.name}{${source}} 1`,
    `${canary.duration.name}{${source},step="write"} 0.02`,
  ];
  for (const [index, stage] of ['received', 'processed'].entries()) {
    lines.push(
      `${intended.stage.name}{${flow},stage="${stage}"} ${index + 1}`,
      `${observed.messages.name}{${place(stage)},outcome="ok"} ${now * 10}`,
      `${observed.messages.name}{${place(stage)},outcome="rejected"} ${now}`,
      `${observed.last_message.name}{${place(stage)}} ${now - 3}`,
      `${observed.backlog.name}{${place(stage)}} 60`,
      `${observed.backlog_oldest.name}{${place(stage)}} ${now - 600}`,
      ...['0.5', '5', '+Inf'].map((le, bucket) => `${observed.duration.name}_bucket{${place(stage)},le="${le}"} ${now * (bucket + 1)}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

export function serveExchange(): Server {
  return createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(exposition(Math.floor(Date.now() / 1000)));
  }).listen(0, '127.0.0.1');
}
