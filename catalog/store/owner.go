package store

import (
	"slices"
	"strings"
)

// databases are images whose files change together.
var databases = []string{"postgres", "postgresql", "mysql", "mariadb", "percona", "mongo", "mongodb", "redis", "valkey", "keydb", "dragonfly", "clickhouse-server",
	"elasticsearch", "opensearch", "pgvector", "postgis", "timescaledb", "couchdb", "neo4j", "influxdb", "meilisearch", "typesense", "qdrant", "weaviate",
	"rabbitmq", "etcd", "cassandra", "infinity", "pgvecto-rs", "kafka", "surrealdb"}

// owner says whom a volume is made for. Images of databases change the owner of
// their folder themselves, as root; for all that are not known it is writable for
// whoever the image runs as. Nobody else gets to it: what holds the volumes of
// the machine is root's alone.
func (im *importer) owner(s *service, v *volumeOf) {
	v.owner, v.mode = "0:0", "0777"
	known := map[string]string{"postgres": "999:999", "pgvector": "999:999", "postgis": "999:999", "mysql": "999:999", "mariadb": "999:999", "mongo": "999:999",
		"redis": "999:999", "valkey": "999:999", "rabbitmq": "999:999", "clickhouse-server": "101:101", "elasticsearch": "1000:0", "meilisearch": "0:0"}
	own := known[s.base]
	if s.base == "postgres" && strings.Contains(s.image, "alpine") {
		own = "70:70"
	}
	if (s.base == "redis" || s.base == "valkey") && strings.Contains(s.image, "alpine") {
		own = "999:1000"
	}
	switch {
	case s.user != "":
		own = s.user
		if !strings.Contains(own, ":") {
			own += ":" + own
		}
	case own == "":
		puid, pgid := "", ""
		for _, e := range s.env {
			switch strings.ToUpper(e.name) {
			case "PUID", "USER_ID", "UID":
				puid = e.value.plain()
			case "PGID", "GROUP_ID", "GID":
				pgid = e.value.plain()
			}
		}
		if numericUser.MatchString(puid+":"+pgid) && puid != "0" {
			own = puid + ":" + pgid
		}
	}
	if own == "" {
		im.note(Info, s.name, "owner of volumes", "whom the app runs as is not known here, so its volumes are writable for anyone within it")
		return
	}
	v.owner, v.mode, v.fits = own, "0750", true
}

// backup is the shell command that copies a database while it runs, "" where none is
// known; the app then rests while its data is copied.
func (s *service) backup() string {
	if s.once || !slices.ContainsFunc(s.volumes, func(v volumeOf) bool { return v.kind == "database" && v.from == "" }) {
		return ""
	}
	has := func(name string) bool {
		return slices.ContainsFunc(s.env, func(e variableOf) bool { return e.name == name })
	}
	dump := func(program string) string {
		for _, name := range []string{"MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"} {
			if has(name) {
				return `exec ` + program + ` -u root -p"$` + name + `" --all-databases`
			}
		}
		return ""
	}
	switch s.base {
	case "postgres", "pgvector", "postgis", "timescaledb":
		return `exec pg_dumpall -U "${POSTGRES_USER:-postgres}"`
	case "mariadb":
		return dump("mariadb-dump")
	case "mysql", "percona":
		return dump("mysqldump")
	case "mongo":
		if !has("MONGO_INITDB_ROOT_PASSWORD") {
			return "exec mongodump --archive"
		}
		return `exec mongodump --archive -u "$MONGO_INITDB_ROOT_USERNAME" -p "$MONGO_INITDB_ROOT_PASSWORD" --authenticationDatabase admin`
	}
	return ""
}
