// Who is told: receivers from teams, and what is wrong with their channels.

import { parse } from 'yaml';
import type { Team } from '../../src/config/model.js';
import { renderRoutes } from '../../src/routes/index.js';

function team(name: string, channels: Partial<Team> = {}): Team {
  return { name, title: name, teamsWebhook: undefined, email: undefined, ...channels };
}

interface Rendered {
  readonly receivers: readonly {
    readonly name: string;
    readonly msteamsv2_configs?: readonly { readonly webhook_url_file: string; readonly send_resolved: boolean }[];
    readonly email_configs?: readonly { readonly to: string; readonly send_resolved: boolean }[];
  }[];
}

function render(
  teams: readonly Team[],
  defaultTeam?: string,
): { told: Record<string, string[]>; rendered: Rendered; text: string; problems: string[] } {
  const { files, problems } = renderRoutes({ teams, defaultTeam });
  const text = files.find(({ path }) => path === 'alertmanager/alertmanager.yml')?.content ?? '';
  const rendered: Rendered = parse(text);
  const told = Object.fromEntries(
    rendered.receivers.map(({ name, msteamsv2_configs = [], email_configs = [] }) => [
      name,
      [...msteamsv2_configs.map((each) => each.webhook_url_file), ...email_configs.map(({ to }) => to)],
    ]),
  );
  return { told, rendered, text, problems: problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`) };
}

describe('routes', () => {
  test('GM3: tell each team by Teams and by mail, also that it is over', () => {
    const { told, rendered, problems } = render(
      [
        team('flux', { teamsWebhook: { file: '/run/secrets/teams_flux' }, email: 'flux@example.org' }),
        team('prevoyance', { email: 'prevoyance@example.org' }),
      ],
      'flux',
    );

    expect(told).toEqual({
      default: ['/run/secrets/teams_flux', 'flux@example.org'],
      watchdog: [],
      'team-flux': ['/run/secrets/teams_flux', 'flux@example.org'],
      'team-prevoyance': ['prevoyance@example.org'],
    });
    const channels = rendered.receivers.flatMap(({ msteamsv2_configs = [], email_configs = [] }) => [
      ...msteamsv2_configs,
      ...email_configs,
    ]);
    expect(channels.every((channel) => channel.send_resolved)).toBe(true);
    expect(problems).toEqual([]);
  });

  test('tell everybody what belongs to nobody, where there is no default team', () => {
    const { told } = render([team('flux', { email: 'flux@example.org' }), team('prevoyance', { email: 'prevoyance@example.org' })]);

    expect(told['default']).toEqual(['flux@example.org', 'prevoyance@example.org']);
  });

  test('do not lose the alerts of a team without a channel, and warn of it', () => {
    const { told, problems } = render([team('flux', { email: 'flux@example.org' }), team('silent')], 'silent');

    expect(Object.keys(told)).toEqual(['default', 'watchdog', 'team-flux']);
    expect(told['default']).toEqual(['flux@example.org']);
    expect(problems).toEqual([
      'warning teams.silent: no channel: its alerts go to the receiver "default"; give it an email or a Teams webhook, e.g. email: silent@example.org',
    ]);
  });

  test('warn where nobody is told at all', () => {
    const { problems } = render([]);

    expect(problems).toEqual([
      'warning teams: no team has a channel: alerts reach nobody; give one an email or a Teams webhook, e.g. email: flux@example.org',
    ]);
  });

  test('CE12: hold no secret, and refuse one that would have to stand in the file', () => {
    const url = 'https://teams.example.org/workflows/secret-token';

    const { text, problems } = render([team('flux', { teamsWebhook: url })]);

    expect(text).not.toContain('secret-token');
    expect(problems.join('\n')).toMatch(/^error teams\.flux\.teams\.webhook: the URL stands in the YAML/);
    expect(problems.join('\n')).not.toContain('secret-token');
  });

  test('refuse an environment variable, which Alertmanager could not read', () => {
    const { problems } = render([team('flux', { teamsWebhook: { env: 'TEAMS_FLUX' } })]);

    expect(problems).toEqual([
      'error teams.flux.teams.webhook: Alertmanager cannot read the environment variable TEAMS_FLUX: name a file that holds the URL, e.g. { file: /run/secrets/teams_flux }',
    ]);
  });

  test('warn of a relative path, which Alertmanager would look for elsewhere', () => {
    const { problems } = render([team('flux', { teamsWebhook: { file: 'secrets/teams' } })]);

    expect(problems).toEqual([
      'warning teams.flux.teams.webhook: Alertmanager looks for "secrets/teams" from the folder it was started in: write an absolute path, e.g. { file: /run/secrets/teams_flux }',
    ]);
  });

  test('say where the mail relay is set', () => {
    const { text } = render([team('flux', { email: 'flux@example.org' })]);

    expect(text).toContain('# The mail relay: edit src/routes/mail.ts.\nglobal:\n  smtp_smarthost: localhost:25\n');
  });
});
