#!/bin/sh
# Serves PocketBase from the image's directories, after making the administrator
# that PB_ADMIN_EMAIL and PB_ADMIN_PASSWORD name. Anything else than flags is a
# PocketBase command of its own.
set -eu

case ${1:--} in
  -*) ;;
  *) exec pocketbase "$@" ;;
esac
if [ -n "${PB_ADMIN_EMAIL:-}" ] && [ -n "${PB_ADMIN_PASSWORD:-}" ]; then
  pocketbase superuser upsert "$PB_ADMIN_EMAIL" "$PB_ADMIN_PASSWORD" --dir=/pb_data
fi
unset PB_ADMIN_PASSWORD
exec pocketbase serve --http="${PB_HOST:-0.0.0.0}:${PB_PORT:-8090}" \
  --dir=/pb_data --publicDir=/pb_public --hooksDir=/pb_hooks "$@"
