// alertmanager.yml from the teams of the YAML: each team hears of what is its own, by Teams and by mail. GM3, GM8.

import { stringify } from 'yaml';
import type { Config } from '../config/model.js';
import { yamlHeader, type RenderedFile } from '../domain/rendered.js';
import { inhibitRules } from './inhibition.js';
import { MAIL } from './mail.js';
import { DEFAULT_RECEIVER, hasChannel, receiverName, receivers, WATCHDOG_RECEIVER, type RouteProblem } from './receivers.js';
import { renderTemplates } from './templates.js';

export type { RouteProblem } from './receivers.js';

/** The file and templates of Alertmanager. With an error among the problems the files must not be used: somebody would not be told. */
export function renderRoutes(config: Pick<Config, 'teams' | 'defaultTeam'>): { files: RenderedFile[]; problems: RouteProblem[] } {
  const told = receivers(config);
  const content = [
    `${yamlHeader('routes/, and teams in the YAML')}# Who is told. It holds no secret: the URLs of Teams are read from files on the machine of Alertmanager.\n`,
    section('The mail relay: edit src/routes/mail.ts.', {
      global: { smtp_smarthost: MAIL.smarthost, smtp_from: MAIL.from, smtp_require_tls: MAIL.requireTls },
    }),
    section('Read from the folder of this file.', { templates: ['templates/*.tmpl'] }),
    section(`Critical alerts ring again every hour, others every twelve. What belongs to no team goes to "${DEFAULT_RECEIVER}".`, {
      route: route(config),
    }),
    section('Red hides yellow, and a cause hides what follows from it.', { inhibit_rules: inhibitRules }),
    section(
      `"${WATCHDOG_RECEIVER}" tells nobody: VigieWatchdog always fires. A service outside that rings when it stays away is added in src/routes/receivers.ts.`,
      { receivers: told.receivers },
    ),
  ].join('\n');
  return { files: [{ path: 'alertmanager/alertmanager.yml', content }, ...renderTemplates()], problems: told.problems };
}

function section(comment: string, content: object): string {
  return `# ${comment}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function route({ teams }: Pick<Config, 'teams'>) {
  return {
    receiver: DEFAULT_RECEIVER,
    group_by: ['alertname', 'team', 'flow', 'env'],
    // Long enough for a cause to arrive beside its consequences, which it hides.
    group_wait: '20s',
    group_interval: '2m',
    repeat_interval: '12h',
    routes: [
      { matchers: ['alertname="VigieWatchdog"'], receiver: WATCHDOG_RECEIVER, group_wait: '0s', repeat_interval: '5m' },
      ...teams.filter(hasChannel).map((team) => ({
        matchers: [`team="${team.name}"`],
        receiver: receiverName(team),
        routes: [{ matchers: ['severity="critical"'], repeat_interval: '1h' }],
      })),
      { matchers: ['severity="critical"'], receiver: DEFAULT_RECEIVER, repeat_interval: '1h' },
    ],
  };
}
