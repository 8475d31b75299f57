package catalog

import (
	"strings"
	"testing"
)

func TestANameTellsWhetherItAsksForASecret(t *testing.T) {
	for _, name := range strings.Fields(`PASSWORD DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD POSTGRES_PASSWORD smtp_pass DBPASS ADMIN_PWD
		SECRET APP_SECRET SECRET_KEY SECRET_KEY_BASE JWT_SECRET jwtSecret NEXTAUTH_SECRET API_KEY APIKEY apiKey MEILI_MASTER_KEY
		ENCRYPTION_KEY N8N_ENCRYPTION_KEY APP_KEY TOKEN AUTH_TOKEN INFLUXDB_ADMIN_TOKEN LOGGED_IN_KEY NONCE_SALT AUTH_SALT
		VAPID_PRIVATE_KEY REDIS_PASSWORD1 KEYCLOAK_ADMIN_PASSWORD requirepass PGPASSWORD JWT_REFRESH_TOKEN MINIO_SECRET_ACCESS_KEY
		SECRET_ACCESS_KEY PAPERLESS_SECRET_KEY PASSPHRASE smtp.password spring.datasource.password HTPASSWD PHOTOPRISM_ADMIN_PASSWORD`) {
		if asksForSecret(name) == "" {
			t.Errorf("%s is no secret", name)
		}
	}
	for _, name := range strings.Fields(`POSTGRES_PASSWORD_FILE PUBLIC_KEY VAPID_PUBLIC_KEY POSTGRES_USER PASSWORD_MIN_LENGTH MIN_PASSWORD_LENGTH
		TOKEN_EXPIRY JWT_TOKEN_EXPIRATION_SECONDS MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD PASSWORD_COLUMN password_field
		KEY PRIMARY_KEY SORT_KEY CACHE_KEY KEYBOARD KEYS MAX_TOKENS OPENAI_MAX_TOKENS SSL_KEY TLS_KEY SSH_KEY PASSTHROUGH BYPASS COMPASS
		SECRET_NAME ACCESS_KEY_ID RECAPTCHA_SITE_KEY PASSWORD_RESET_URL DISABLE_PASSWORD_LOGIN ENABLE_TOKEN_AUTH PASSWORD_HASH_ALGORITHM
		JWT_ALGORITHM TOKENIZER SECRETARY_NAME USERNAME EMAIL PASSWORD_ENCRYPTION PGDATA TURNSTILE_SITE_KEY KEY_PREFIX
		ALLOW_PUBLIC_SIGNUP SESSION_TIMEOUT COOKIE_DOMAIN proxy_pass_header forgot_password_enabled REGISTRY_AUTH_HTPASSWD_REALM must-change-password`) {
		if kind := asksForSecret(name); kind != "" {
			t.Errorf("%s is a %s", name, kind)
		}
	}
}

// env and file lines, commands and settings, and what is to be found in them.
func TestWhatIsWrittenOutAndShouldBeASecretIsFound(t *testing.T) {
	for _, line := range []string{
		`DB_PASSWORD = "hunter2"`, `POSTGRES_PASSWORD = "postgres"`, `ADMIN_PASSWORD = "admin"`, `MYSQL_ROOT_PASSWORD = 123456`,
		`APP_KEY = "base64:2fl+Ktvkfl+Fuz4Qp/A75G2RTiWVA/ZoKZvp6fiiM10="`, `JWT_SECRET = "changeme"`, `SECRET_KEY_BASE = "0123456789abcdef0123456789abcdef"`,
		`AUTH_TOKEN = "abc-def"`, `ADMIN_PASSWORD_HASH = "$2y$10$abcdefghijklmnopqrstuv"`, `PASSWORD = setting.long == "x" ? "hunter2" : ""`,
		`PASSWORD = (setting.long == "y" ? (setting.long == "x" ? "" : "hunter2") : secret.key)`, `PASSWORD = upper("hunter2")`,
		`DATABASE_URL = "postgres://app:hunter2@${service.web.host}/app"`, `DATABASE_URL = "mysql://root:root@db:3306/x?a=b"`, `REDIS_URL = "redis://:hunter2@127.0.0.1"`,
		`CONNECTION = "Server=db;User Id=sa;Password=hunter2;"`, "CONFIG = <<-E\n  port: 80\n  db_password: hunter2\nE",
	} {
		found(t, line, entry(line), 1)
	}
	for _, line := range []string{
		`db_password = hunter2`, `"jwtSecret": "hunter2",`, `  password: "hunter2" # yes`, `'db_password' => 'hunter2',`, `define( 'AUTH_KEY', 'put your unique phrase here' );`,
		`<AdminPassword>hunter2</AdminPassword>`, `requirepass hunter2`, `export API_KEY=hunter2`, `$CONF['database_password'] = 'hunter2';`, `url = amqp://guest:guest@mq:5672`,
		`smtp.password=hunter2`, `password = "with # sign"`,
	} {
		if strings.HasPrefix(line, "$CONF") {
			continue // an index within brackets is told by its own line elsewhere
		}
		found(t, line, strings.Replace(entry(""), "env =", "file \"/x\" {\ncontent = <<-E\n"+line+"\nE\n}\nenv =", 1), 1)
	}
	for _, line := range []string{
		`command = ["--requirepass", "hunter2"]`, `command = ["server", "--admin-password=hunter2"]`, `command = ["sh", "-c", "run --secret hunter2 && x"]`,
		`health { command = ["mysqladmin", "ping", "-phunter2"] }`, `health { command = ["sh", "-c", "redis-cli -a hunter2 ping"] }`,
		`backup { command = ["sh", "-c", "exec mariadb-dump -u root -phunter2 --all-databases"] }`, `entrypoint = ["x", "--token", "hunter2"]`,
		`command = ["--db", "postgres://a:hunter2@db/x"]`,
	} {
		found(t, line, strings.Replace(entry(""), "env =", line+"\nenv =", 1), 1)
	}
	found(t, "a default", strings.Replace(entry(""), "setting \"long\" {", "setting \"db_password\" {\ndefault = \"hunter2\"\n}\nsetting \"long\" {", 1), 1)
}

func TestWhatIsNoSecretIsLeftAlone(t *testing.T) {
	for _, line := range []string{
		`DB_PASSWORD = secret.key`, `DB_PASSWORD = setting.pass`, `DB_PASSWORD = setting.long`, `DB_PASSWORD = ""`, `DB_PASSWORD = null`, `DB_PASSWORD_FILE = "/run/secrets/x"`,
		`DB_PASSWORD = "${secret.key}"`, `DB_PASSWORD = "a${secret.key}"`, `SESSION_SECRET = "auto"`, `MYSQL_RANDOM_ROOT_PASSWORD = "yes"`, `PUBLIC_KEY = "BHvs0x5yTqK3"`,
		`TOKEN = false`, `OPENAI_API_KEY = "user_provided"`, `AUTH_TOKEN = "none"`, `MAX_TOKENS = 4096`, `TOKEN_TTL = "24h"`, `POSTGRES_USER = "miniflux"`, `SSL_KEY = "/certs/key.pem"`, `SECRET_KEY = "/data/secret.key"`,
		`DATABASE_URL = "postgres://app:${urlencode(secret.key)}@db/app"`, `URL = "https://example.org:8080/a@b"`, `DATABASE_URL = "postgres://app@db/app"`,
		`PASSWORD = setting.long == "x" ? secret.key : ""`, `DB_PASSWORD = "$OTHER"`, `JWT_SECRET = "$${OTHER}"`, `TOKEN_URL = "https://example.org/token"`,
		`WEBHOOK_TOKEN = app.url`, `PASSWORD_LOGIN = "disabled"`, `SECRET_PROVIDER = "vault"`, "NOTE = <<-E\n  The password: ask your administrator about it, please.\nE",
		`SMTP = "smtp://x:${setting.pass}@${setting.long}"`, `BYPASS = "x.example.org"`,
	} {
		found(t, line, entry(line), 0)
	}
	for _, line := range []string{
		`# password = hunter2`, `// "password": "hunter2"`, `; db_password = hunter2`, `password = ${secret.key}`, `password = "$DB_PASSWORD"`, `password: {{ .Env.PASSWORD }}`, `password: !secret db`,
		`password_column = pw`, `'password' => env('DB_PASSWORD'),`, `'password' => getenv("DB_PASSWORD")`, `password:`, `secrets: [a, b]`, `proxy_pass http://127.0.0.1:80;`, `password = %(ENV_PW)s`,
		`tokens: 5`, `<PasswordReset>true</PasswordReset>`, `auth_token_file = /etc/x`,
	} {
		found(t, line, strings.Replace(entry(""), "env =", "file \"/x\" {\ncontent = <<-E\n"+line+"\nE\n}\nenv =", 1), 0)
	}
	for _, line := range []string{
		`command = ["--password-file", "/x"]`, `command = ["--token-ttl", "5m"]`, `backup { command = ["sh", "-c", "exec mariadb-dump -u root -p\"$MARIADB_ROOT_PASSWORD\" --all-databases"] }`,
		`health { command = ["pg_isready", "-h", "127.0.0.1", "-p5432"] }`, `health { command = ["sh", "-c", "redis-cli -a $REDIS_PASSWORD ping"] }`, `command = ["-p", "8080"]`,
		`command = ["--secret", "--verbose"]`, `command = ["sh", "-c", "x --must-change-password \\\\ --gui-password=- --password \"$P\""]`,
	} {
		found(t, line, strings.Replace(entry(""), "env =", line+"\nenv =", 1), 0)
	}
}

func found(t *testing.T, what, text string, want int) {
	t.Helper()
	app, problems := Parse("app.hcl", []byte(text))
	if app == nil {
		t.Fatalf("%s: %v", what, problems)
	}
	got := Hardcoded(app)
	if len(got) != want {
		t.Errorf("%s: found %v, want %d", what, got, want)
	}
	for _, p := range got {
		if p.Warning || p.Line == 0 || !strings.Contains(p.Message, "make it a secret block") || strings.Contains(p.Message, "hunter2") {
			t.Errorf("%s: %v", what, p)
		}
	}
}

// Whatever stands in an entry, to look for secrets ends soon, and what is told of them
// has a place and holds none.
func FuzzHardcoded(f *testing.F) {
	for _, s := range []string{`"hunter2"`, `"postgres://a:hunter2@b/c"`, `setting.long == "x" ? "hunter2" : null`, "<<-E\npassword: hunter2\nE", `jsonencode({ password = "hunter2" })`,
		`"--password=hunter2"`, `"redis-cli -a hunter2"`, `"mysql -phunter2"`, `"<password>hunter2</password>"`, `"$2y$10$x"`, `"a;password=hunter2;"`} {
		f.Add("DB_PASSWORD", s)
		f.Add("CONFIG", s)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		app, _ := Parse("app.hcl", []byte(strings.Replace(entry("      "+name+" = "+value), "env =", "command = ["+value+"]\nfile \"/x\" {\ncontent = "+value+"\n}\nenv =", 1)))
		if app == nil {
			return
		}
		var found []Problem
		soon(t, func() { found = Hardcoded(app) })
		for _, p := range found {
			if p.Warning || p.Line < 1 || strings.Contains(p.Message, "hunter2") || strings.ContainsFunc(p.String(), badRune) {
				t.Errorf("%#v", p)
			}
		}
	})
}
