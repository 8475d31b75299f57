#!/bin/bash
# Makes a database at the first start and runs MariaDB on it. It honours
# MARIADB_USER, MARIADB_PASSWORD, MARIADB_DATABASE, MARIADB_ROOT_PASSWORD and
# MARIADB_RANDOM_ROOT_PASSWORD as the official image does; root comes in through the
# socket, and with a password from elsewhere only if MARIADB_ROOT_PASSWORD is set.
#
# As in the PostgreSQL image, the data is made in .new and moved up when it is whole,
# the directory "mysql" last: it being there means "finished".
set -euo pipefail

fail() { printf '%s\n' "$*" >&2; exit 1; }

case ${1:-mariadbd} in
  -*) set -- mariadbd "$@" ;;
  mariadbd) ;;
  *) exec "$@" ;;
esac

data=/var/lib/mysql
new=$data/.new

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$data" /run/mysqld
  find "$data" /run/mysqld ! -user mysql -exec chown -h mysql:mysql {} +
  exec setpriv --reuid=mysql --regid=mysql --init-groups -- "${BASH_SOURCE[0]}" "$@"
fi
umask 027

# text VALUE: as an SQL string. name VALUE: as an SQL identifier.
text() { local v=${1//\\/\\\\}; printf "'%s'" "${v//\'/\\\'}"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }
# One statement a line is what the bootstrap reads.
one_line() { case $2 in *$'\n'*) fail "$1 must be one line." ;; esac; }

statements() {
  local password
  # Single-user mode starts without the grant tables; this reads them in.
  echo 'FLUSH PRIVILEGES;'
  if [ -n "${MARIADB_ROOT_PASSWORD:-}" ]; then
    one_line MARIADB_ROOT_PASSWORD "$MARIADB_ROOT_PASSWORD"
    echo "CREATE USER 'root'@'%' IDENTIFIED BY $(text "$MARIADB_ROOT_PASSWORD");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
  fi
  if [ -n "${MARIADB_DATABASE:-}" ]; then
    one_line MARIADB_DATABASE "$MARIADB_DATABASE"
    echo "CREATE DATABASE IF NOT EXISTS $(name "$MARIADB_DATABASE") CHARACTER SET utf8mb4;"
  fi
  if [ -n "${MARIADB_USER:-}" ]; then
    one_line MARIADB_USER "$MARIADB_USER"
    one_line MARIADB_PASSWORD "${MARIADB_PASSWORD:-}"
    echo "CREATE USER $(text "$MARIADB_USER")@'%' IDENTIFIED BY $(text "${MARIADB_PASSWORD:-}");"
    [ -z "${MARIADB_DATABASE:-}" ] ||
      echo "GRANT ALL ON $(name "${MARIADB_DATABASE//_/\\_}").* TO $(text "$MARIADB_USER")@'%';"
  fi
  # May see that the server is there and nothing else; for healthcheck.sh.
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077; printf '[client]\nuser=healthcheck\npassword=%s\n' "$password" >"$new/.my-healthcheck.cnf")
  echo "CREATE USER 'healthcheck'@'127.0.0.1' IDENTIFIED BY '$password';"
}

make_database() {
  [ -n "${MARIADB_ROOT_PASSWORD:-}${MARIADB_RANDOM_ROOT_PASSWORD:-}" ] ||
    fail "A new database needs MARIADB_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD."
  [ -z "${MARIADB_USER:-}" ] || [ -n "${MARIADB_PASSWORD:-}" ] || fail "MARIADB_USER needs MARIADB_PASSWORD."
  local found
  found=$(find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)
  if [ -n "$found" ] && [ ! -e "$data/.making" ]; then
    fail "$data holds $found and no database: it is left as it is. Give MariaDB an empty directory."
  fi
  : >"$data/.making"
  find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .making -exec rm -rf {} +
  mkdir "$new"
  echo "Making a new database."
  mariadb-install-db --datadir="$new" --auth-root-authentication-method=socket --skip-test-db \
    --cross-bootstrap >/dev/null
  statements | mariadbd --no-defaults --bootstrap --datadir="$new" --log-warnings=1
  find "$new" -mindepth 1 -maxdepth 1 ! -name mysql -exec mv -t "$data" {} +
  sync -f "$data"
  mv "$new/mysql" "$data/"
  sync -f "$data"
}

if [ ! -d "$data/mysql" ]; then make_database; fi
rm -rf "$new" "$data/.making"
unset MARIADB_PASSWORD MARIADB_ROOT_PASSWORD
exec "$@"
