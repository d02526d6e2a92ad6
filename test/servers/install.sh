#!/usr/bin/env bash
# Installs the real servers that the tests use, as far as they are missing. For Debian and its relatives; needs root.
# PostgreSQL, MariaDB, OpenSSH, vsftpd, ping and Chromium come from the machine's own suite. Prometheus, promtool and Alertmanager are too old
# there (Alertmanager 0.25 knows no Teams), and benches measure against the newest peers, so those are unpacked beside, from the
# suite sid; nothing of that suite is installed, and its address is derived from the machine's own sources.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/vigie/servers"
say() { echo "servers: $*"; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

missing=()
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
have openssl || missing+=(openssl)
have sshd || missing+=(openssh-server)
have mariadbd || missing+=(mariadb-server)
have vsftpd || missing+=(vsftpd)
have ping || missing+=(iputils-ping)
have chromium || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # The packages' own services are not wanted: tests start their own on loopback, in temporary folders.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

newest=(prometheus promtool prometheus-alertmanager prometheus-sql-exporter prometheus-blackbox-exporter mtail)
# The marker holds what was unpacked, so that a package more renews the cache; what is in use stays until all of the new one is there.
if [ "$(cat "$cache/unpacked/.complete" 2>/dev/null)" != "${newest[*]}" ]; then
  say "unpacking ${newest[*]} of the suite sid into a cache folder"
  fresh="$cache/fresh"
  rm -rf "$fresh"
  mkdir -p "$fresh"/{lists/partial,apt/archives/partial,sources,packages,unpacked}
  # The security stanza has no sid; comments may hold addresses that need not be copied.
  for file in /etc/apt/sources.list.d/*.sources; do
    awk 'BEGIN { RS = ""; ORS = "\n\n" } /Types:/ && !/security/' "$file" | grep -v '^#' | sed 's/^Suites:.*/Suites: sid/' >"$fresh/sources/$(basename "$file")"
  done
  options=(-o "Dir::State::Lists=$fresh/lists" -o "Dir::Cache=$fresh/apt" -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$fresh/sources" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update -qq
  (cd "$fresh/packages" && apt-get "${options[@]}" download -qq "${newest[@]}")
  for package in "$fresh"/packages/*.deb; do dpkg -x "$package" "$fresh/unpacked"; done
  for program in prometheus promtool prometheus-alertmanager amtool prometheus-sql-exporter prometheus-blackbox-exporter mtail; do
    "$fresh/unpacked/usr/bin/$program" --version >/dev/null 2>&1 || { say "$program of the suite sid does not run here"; exit 1; }
  done
  echo "${newest[*]}" >"$fresh/unpacked/.complete"
  rm -rf "$cache/unpacked"
  mv "$fresh/unpacked" "$cache/unpacked"
  rm -rf "$fresh"
fi
# Debian's Alertmanager looks for its own templates there and nowhere else, and does not start without them.
templates=/usr/share/prometheus/alertmanager
if [ ! -e "$templates/default.tmpl" ]; then
  mkdir -p "$(dirname "$templates")"
  ln -sfn "$cache/unpacked$templates" "$templates"
fi

# Driver odbc is tested with the ODBC driver of PostgreSQL. The package odbc is an optional peer that must compile, so it is built
# beside, for no other purpose than these tests.
odbc="$cache/odbc"
if [ ! -e "$odbc/.complete" ] || ! ls /usr/lib/*/odbc/psqlodbcw.so >/dev/null 2>&1; then
  say "building the package odbc into a cache folder"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends unixodbc-dev odbc-postgresql g++ make python3 >/dev/null
  rm -rf "$odbc"
  mkdir -p "$odbc"
  echo '{ "private": true }' >"$odbc/package.json"
  # Headers that came with Node.js spare their download.
  prefix=$(node -p 'require("path").dirname(require("path").dirname(process.execPath))')
  if [ -e "$prefix/include/node/node_api.h" ]; then export npm_config_nodedir="$prefix"; fi
  (cd "$odbc" && npm install --ignore-scripts --no-audit --no-fund --silent odbc@2.6.0 && npm rebuild odbc --ignore-scripts=false --build-from-source >build.log 2>&1) ||
    { say "the package odbc does not build here:"; tail -20 "$odbc/build.log"; exit 1; }
  touch "$odbc/.complete"
fi

say "all there: $("$cache/unpacked/usr/bin/prometheus" --version 2>&1 | head -1 | cut -d' ' -f1-3), $("$cache/unpacked/usr/bin/prometheus-alertmanager" --version 2>&1 | head -1 | cut -d' ' -f1-3)"
