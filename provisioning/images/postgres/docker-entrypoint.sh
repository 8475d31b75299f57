#!/bin/bash
# Makes a database cluster at the first start and runs PostgreSQL on it. It honours
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD and PGDATA as the official image does.
#
# The cluster is made in $PGDATA/.new and moved up when it is whole, PG_VERSION last.
# So $PGDATA/PG_VERSION means "finished", and what a kill left behind before that
# is ours to throw away: nobody has ever connected to it.
set -euo pipefail

fail() { printf '%s\n' "$*" >&2; exit 1; }

case ${1:-postgres} in
  -*) set -- postgres "$@" ;;
  postgres) ;;
  *) exec "$@" ;;
esac

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
new=$PGDATA/.new
sockets=/var/run/postgresql

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" "$sockets"
  find "$PGDATA" "$sockets" ! -user postgres -exec chown -h postgres:postgres {} +
  chmod 0700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
fi
umask 077

# quoted NAME: as an SQL identifier.
quoted() { printf '"%s"' "${1//\"/\"\"}"; }

check() {
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    fail "A new database needs a password for its first user: set POSTGRES_PASSWORD."
  fi
  case $user$database in
    *$'\n'*) fail "POSTGRES_USER and POSTGRES_DB must be one line." ;;
  esac
  local found
  found=$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)
  if [ -n "$found" ] && [ ! -e "$PGDATA/.making" ]; then
    fail "$PGDATA holds $found and no database: it is left as it is. Give PostgreSQL an empty directory."
  fi
}

make_cluster() {
  check
  # Whatever is here beside the mark came after the mark, from a start that never finished.
  : >"$PGDATA/.making"
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .making -exec rm -rf {} +

  local args=(--username="$user" --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256)
  local extra=() secret
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then
    # A file that only this user reads, never an argument.
    secret=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$secret"
    args+=(--pwfile="$secret")
  fi
  read -ra extra <<<"${POSTGRES_INITDB_ARGS:-}"
  # C.UTF-8 sorts by code point and knows every letter, and never changes with a C library.
  initdb -D "$new" "${args[@]}" "${extra[@]}"
  if [ -n "${secret:-}" ]; then rm -f "$secret"; fi

  # A server would take connections before it is set up; single-user mode takes none.
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE %s;\n' "$(quoted "$database")" |
      postgres --single -D "$new" -c log_min_messages=warning postgres >/dev/null
    # Single-user mode reports a failed statement and goes on.
    [ "$(find "$new/base" -mindepth 1 -maxdepth 1 -type d | wc -l)" -gt 3 ] ||
      fail "The database \"$database\" could not be made; see above."
  fi
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$new/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$new/postgresql.conf"

  find "$new" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
  sync -f "$PGDATA"
  mv "$new/PG_VERSION" "$PGDATA/"
  sync -f "$PGDATA"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then make_cluster; fi
rm -rf "$new" "$PGDATA/.making"

have=$(<"$PGDATA/PG_VERSION")
program=$(postgres --version | sed -E 's/.* ([0-9]+)\..*/\1/')
if [ "$have" != "$program" ]; then
  fail "The data in $PGDATA is PostgreSQL $have's and this is PostgreSQL $program. It is left as it is: run the image that made it, dump the data there, and restore it here."
fi
unset POSTGRES_PASSWORD
exec "$@"
