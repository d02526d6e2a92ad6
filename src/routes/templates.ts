// What people read at 3 a.m., in Teams and by mail. https://prometheus.io/docs/alerting/latest/notifications/

import { RENDERED_MARK, type RenderedFile } from '../domain/rendered.js';

/**
 * Teams refuses cards above 28 KB once they are expanded, and Workflows says so to nobody. With these limits a message stays
 * below 18 KB whatever comes in.
 */
const MOST_ALERTS = 8;
const LONGEST_SUMMARY = 160;
const LONGEST_DESCRIPTION = 700;

const header = `{{/* ${RENDERED_MARK}routes/templates.ts */}}\n`;

const common = `{{ define "vigie.worst" -}}
{{ $worst := "warning" }}{{ range .Alerts.Firing }}{{ if eq .Labels.severity "critical" }}{{ $worst = "critical" }}{{ end }}{{ end -}}
{{ if eq .Status "resolved" }}RESOLVED{{ else }}{{ $worst | toUpper }}{{ end }}
{{- end }}

{{ define "vigie.subject" -}}
{{ template "vigie.worst" . }}:{{ " " }}
{{- if eq (len .Alerts) 1 }}{{ with index .Alerts 0 }}{{ printf "%.${LONGEST_SUMMARY}s" .Annotations.summary }}{{ end }}
{{- else }}{{ len .Alerts }} x {{ .GroupLabels.alertname }}
{{- with .GroupLabels.flow }}, {{ . }}{{ end }}{{ with .GroupLabels.env }} ({{ . }}){{ end }}
{{- if and .Alerts.Firing .Alerts.Resolved }}, {{ len .Alerts.Resolved }} of them resolved{{ end }}
{{- end }}
{{- end }}

{{ define "vigie.since" -}}
{{ if eq .Status "resolved" -}}
From {{ .StartsAt.UTC.Format "2006-01-02 15:04" }} to {{ .EndsAt.UTC.Format "2006-01-02 15:04 UTC" }}
{{- else -}}
Since {{ .StartsAt.UTC.Format "2006-01-02 15:04 UTC" }}
{{- end }}
{{- end }}

{{ define "vigie.place" -}}
{{ with .Labels.env }}{{ . }}{{ end }}
{{- with .Labels.flow }} / {{ . }}{{ end }}
{{- with .Labels.partner }} / {{ . }}{{ end }}
{{- with .Labels.stage }} / {{ . }}{{ end }}
{{- with .Labels.source }} / {{ . }}{{ end }}
{{- end }}
`;

// Teams understands a little Markdown: bold, links and lists; an empty line starts a paragraph.
const teams = `{{ define "vigie.teams.title" }}{{ template "vigie.subject" . }}{{ end }}

{{ define "vigie.teams.link" -}}
{{ if match "^https?://" .url }}[{{ .name }}]({{ printf "%.300s" .url }}){{ else }}{{ .name }}: {{ printf "%.300s" .url }}{{ end }}
{{- end }}

{{ define "vigie.teams.alert" -}}
**{{ if eq .Status "resolved" }}RESOLVED{{ else }}{{ .Labels.severity | toUpper }}{{ end }}** {{ printf "%.${LONGEST_SUMMARY}s" .Annotations.summary }}

{{ if ne .Status "resolved" }}{{ printf "%.${LONGEST_DESCRIPTION}s" .Annotations.description }}

{{ end }}{{ template "vigie.since" . }}, {{ template "vigie.place" . }}
{{ with .Annotations.runbook_url }}
- {{ template "vigie.teams.link" (dict "name" "What to do" "url" .) }}{{ end }}
{{- with .Annotations.dashboard }}
- {{ template "vigie.teams.link" (dict "name" "Dashboard" "url" .) }}{{ end }}

{{ end }}

{{ define "vigie.teams.text" -}}
{{ range $index, $alert := .Alerts.Firing }}{{ if lt $index ${MOST_ALERTS} }}{{ template "vigie.teams.alert" $alert }}{{ end }}{{ end -}}
{{ $firing := len .Alerts.Firing -}}
{{ range $index, $alert := .Alerts.Resolved }}{{ if and (lt $firing ${MOST_ALERTS}) (lt $index 2) }}{{ template "vigie.teams.alert" $alert }}{{ end }}{{ end -}}
{{ if gt (len .Alerts) ${MOST_ALERTS} }}{{ len .Alerts }} alerts in all: {{ .ExternalURL }}{{ end }}
{{- end }}
`;

const email = `{{ define "vigie.email.subject" }}{{ template "vigie.subject" . }}{{ end }}

{{ define "vigie.email.text" -}}
{{ range .Alerts -}}
{{ if eq .Status "resolved" }}RESOLVED{{ else }}{{ .Labels.severity | toUpper }}{{ end }}: {{ .Annotations.summary }}
{{ template "vigie.since" . }}, {{ template "vigie.place" . }}

{{ .Annotations.description }}
{{ with .Annotations.runbook_url }}
What to do: {{ . }}{{ end }}{{ with .Annotations.dashboard }}
Dashboard: {{ . }}{{ end }}

----

{{ end }}Alertmanager: {{ .ExternalURL }}
{{ end }}

{{ define "vigie.email.html" -}}
<!doctype html>
<html><body style="font-family: sans-serif; max-width: 44em">
{{ range .Alerts -}}
<div style="border-left: 6px solid {{ if eq .Status "resolved" }}#2e7d32{{ else if eq .Labels.severity "critical" }}#c62828{{ else }}#ef6c00{{ end }}; padding-left: 1em; margin-bottom: 2em">
<h2 style="font-size: 1.1em">{{ if eq .Status "resolved" }}RESOLVED{{ else }}{{ .Labels.severity | toUpper }}{{ end }}: {{ .Annotations.summary }}</h2>
<p>{{ .Annotations.description }}</p>
<p>{{ template "vigie.since" . }}<br>{{ template "vigie.place" . }}</p>
<p>{{ with .Annotations.runbook_url }}<a href="{{ . }}">What to do</a>{{ end }}{{ with .Annotations.dashboard }} &middot; <a href="{{ . }}">Dashboard</a>{{ end }}</p>
</div>
{{ end -}}
<p><a href="{{ .ExternalURL }}">Alertmanager</a></p>
</body></html>
{{ end }}
`;

export function renderTemplates(): RenderedFile[] {
  return Object.entries({ common, teams, email }).map(([name, content]) => ({
    path: `alertmanager/templates/${name}.tmpl`,
    content: header + content,
  }));
}
