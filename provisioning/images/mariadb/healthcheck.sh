#!/bin/sh
# Is the server there for others? Asks over TCP, where it answers only when it is
# set up, which is what the official script's --connect and --innodb_initialized mean.
exec mariadb-admin --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=tcp --host=127.0.0.1 \
  --port="${MARIADB_PORT:-3306}" --connect-timeout=4 status >/dev/null
