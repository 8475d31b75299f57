<?php
// Made by the image: everything that is a site's own comes from the environment.
function from_environment($name, $default) {
	$value = getenv($name);
	return $value === false ? $default : $value;
}
define('DB_HOST', from_environment('WORDPRESS_DB_HOST', 'mysql'));
define('DB_NAME', from_environment('WORDPRESS_DB_NAME', 'wordpress'));
define('DB_USER', from_environment('WORDPRESS_DB_USER', 'wordpress'));
define('DB_PASSWORD', from_environment('WORDPRESS_DB_PASSWORD', ''));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_DEBUG', (bool) from_environment('WORDPRESS_DEBUG', ''));
require __DIR__ . '/wp-salts.php';
$table_prefix = from_environment('WORDPRESS_TABLE_PREFIX', 'wp_');
// The front door speaks HTTPS for us.
if (str_contains($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '', 'https')) {
	$_SERVER['HTTPS'] = 'on';
}
eval(from_environment('WORDPRESS_CONFIG_EXTRA', ''));
if (!defined('ABSPATH')) {
	define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
