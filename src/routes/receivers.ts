// Who is told, and how: one receiver for each team that has a channel, and one for what belongs to nobody.

import type { Config, Team } from '../config/model.js';
import type { Diagnostic } from '../config/diagnostics.js';

export type RouteProblem = Pick<Diagnostic, 'severity' | 'path' | 'message'>;

/** The receiver of alerts without a team, or of a team that has no channel. */
export const DEFAULT_RECEIVER = 'default';
export const WATCHDOG_RECEIVER = 'watchdog';

export interface Receiver {
  readonly name: string;
  readonly msteamsv2_configs?: readonly Readonly<Record<string, unknown>>[];
  readonly email_configs?: readonly Readonly<Record<string, unknown>>[];
}

export const receiverName = (team: Team) => `team-${team.name}`;

export function hasChannel(team: Team): boolean {
  return team.teamsWebhook !== undefined || team.email !== undefined;
}

export function receivers({ teams, defaultTeam }: Pick<Config, 'teams' | 'defaultTeam'>): {
  receivers: Receiver[];
  problems: RouteProblem[];
} {
  const reachable = teams.filter(hasChannel);
  const fallback = reachable.filter((team) => team.name === defaultTeam);
  // Without a default team all of them are told: an alert that nobody hears is worse than one that too many do.
  const everybody = fallback.length > 0 ? fallback : reachable;
  return {
    receivers: [
      { name: DEFAULT_RECEIVER, ...channels(everybody) },
      { name: WATCHDOG_RECEIVER },
      ...reachable.map((team) => ({ name: receiverName(team), ...channels([team]) })),
    ],
    problems: [...silentTeams(teams), ...(everybody.length === 0 ? [nobody] : []), ...reachable.flatMap(webhookProblems)],
  };
}

const nobody: RouteProblem = {
  severity: 'warning',
  path: 'teams',
  message: 'no team has a channel: alerts reach nobody; give one an email or a Teams webhook, e.g. email: flux@example.org',
};

function silentTeams(teams: readonly Team[]): RouteProblem[] {
  return teams
    .filter((team) => !hasChannel(team))
    .map((team) => ({
      severity: 'warning',
      path: `teams.${team.name}`,
      message: `no channel: its alerts go to the receiver "${DEFAULT_RECEIVER}"; give it an email or a Teams webhook, e.g. email: ${team.name}@example.org`,
    }));
}

/** Alertmanager reads a webhook's URL from a file; it knows no environment variables, and a URL in its configuration is a secret in git. */
function webhookProblems({ name, teamsWebhook }: Team): RouteProblem[] {
  if (teamsWebhook === undefined) return [];
  const path = `teams.${name}.teams.webhook`;
  const example = `e.g. { file: /run/secrets/teams_${name} }`;
  if (typeof teamsWebhook === 'string')
    return [
      {
        severity: 'error',
        path,
        message: `the URL stands in the YAML and would stand in alertmanager.yml, which is committed: put it into a file, ${example}`,
      },
    ];
  if ('env' in teamsWebhook)
    return [
      {
        severity: 'error',
        path,
        message: `Alertmanager cannot read the environment variable ${teamsWebhook.env}: name a file that holds the URL, ${example}`,
      },
    ];
  if (teamsWebhook.file.startsWith('/')) return [];
  return [
    {
      severity: 'warning',
      path,
      message: `Alertmanager looks for "${teamsWebhook.file}" from the folder it was started in: write an absolute path, ${example}`,
    },
  ];
}

function channels(teams: readonly Team[]): Omit<Receiver, 'name'> {
  const webhooks = teams.flatMap(({ teamsWebhook }) =>
    typeof teamsWebhook === 'object' && 'file' in teamsWebhook ? [teamsWebhook.file] : [],
  );
  const addresses = teams.flatMap(({ email }) => (email === undefined ? [] : [email]));
  return {
    ...(webhooks.length > 0 && { msteamsv2_configs: webhooks.map(teamsChannel) }),
    ...(addresses.length > 0 && { email_configs: addresses.map(mailChannel) }),
  };
}

function teamsChannel(file: string) {
  return {
    webhook_url_file: file,
    send_resolved: true,
    title: '{{ template "vigie.teams.title" . }}',
    text: '{{ template "vigie.teams.text" . }}',
  };
}

function mailChannel(address: string) {
  return {
    to: address,
    send_resolved: true,
    headers: { Subject: '{{ template "vigie.email.subject" . }}' },
    html: '{{ template "vigie.email.html" . }}',
    text: '{{ template "vigie.email.text" . }}',
  };
}
