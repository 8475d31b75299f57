#!/bin/bash
# Copies WordPress into /var/www/html at the first start and runs Apache on it. The
# database and the rest come from WORDPRESS_… variables, as in the official image,
# and are read at every request, so no file holds them.
#
# The copy is made in .new and moved up when it is whole, index.php last.
set -euo pipefail

site=/var/www/html
new=$site/.new

if [ "${1:-}" = apache2-foreground ] && [ ! -e "$site/index.php" ]; then
  found=$(find "$site" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)
  if [ -n "$found" ] && [ ! -e "$site/.making" ]; then
    echo "$site holds $found and no WordPress: it is left as it is. Give WordPress an empty directory." >&2
    exit 1
  fi
  : >"$site/.making"
  find "$site" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .making -exec rm -rf {} +
  mkdir "$new"
  # -L: Debian's WordPress is full of links to other packages.
  cp -rL /usr/share/wordpress/. "$new/"
  cp /usr/local/share/wp-config.php "$new/wp-config.php"
  # Salts of this site's own, in a file beside the configuration.
  php -r 'echo "<?php\n"; foreach (["AUTH_KEY","SECURE_AUTH_KEY","LOGGED_IN_KEY","NONCE_KEY","AUTH_SALT","SECURE_AUTH_SALT","LOGGED_IN_SALT","NONCE_SALT"] as $n) printf("define(\"%s\", \"%s\");\n", $n, bin2hex(random_bytes(32)));' >"$new/wp-salts.php"
  mkdir -p "$new/wp-content/uploads"
  chown -R www-data:www-data "$new"
  chmod 0640 "$new/wp-config.php" "$new/wp-salts.php"
  find "$new" -mindepth 1 -maxdepth 1 ! -name index.php -exec mv -t "$site" {} +
  sync -f "$site"
  mv "$new/index.php" "$site/"
fi
if [ -e "$site/.making" ]; then rm -rf "$new" "$site/.making"; fi
exec "$@"
