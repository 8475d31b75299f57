package node

import "math"

// panelPriority is the highest that Traefik takes (maxUserPriority in its
// pkg/server/router).
const panelPriority = math.MaxInt - 1000

var traefikStaticTemplate = parseTemplate("traefik.yaml", `# Traefik's configuration, written by dcloud at each start. Changes here are lost.

global:
  checkNewVersion: false
  sendAnonymousUsage: false

# The front door: all that this machine shows to others. Requests and answers may
# take as long as they need: uploads and downloads of many GB, event streams.
# Headers that say who is behind a proxy are believed from nobody.
entryPoints:
  web:
    address: ":{{.Node.HTTPPort}}"
    asDefault: true
    transport: &transport
      respondingTimeouts:
        readTimeout: 0s
        writeTimeout: 0s
        idleTimeout: 180s
      lifeCycle:
        graceTimeOut: 10s
  websecure:
    address: ":{{.Node.HTTPSPort}}"
    asDefault: true
    transport: *transport
    http:
      tls: {}
  ping:
    address: "127.0.0.1:{{.PingPort}}"

ping:
  entryPoint: ping

providers:
  # Bursts of changes are taken together for this long; two seconds, the default,
  # is what a person would wait for each new app.
  providersThrottleDuration: 100ms
  consulCatalog:
    exposedByDefault: false
    # Any machine of the pool may register services. None of them comes before the
    # panel, at which people type their passwords: no high priority, nothing that takes
    # a port before HTTP is looked at.
    constraints: '!TagRegex(`+"`(?i)\\.priority=.{6,}`"+`) && !TagRegex(`+"`(?i)^traefik\\.(tcp|udp)\\.`"+`)'
    watch: true
    refreshInterval: 15s
    strictChecks:
      - passing
      - warning
    endpoint:
      address: "127.0.0.1:{{.ConsulHTTPPort}}"
      scheme: http
      token: {{q .Secrets.ConsulTraefik}}
  file:
    directory: {{q .Layout.TraefikDynamic}}
    watch: true

log:
  level: INFO
  filePath: {{q (.Layout.Log "traefik")}}
  maxSize: {{.LogMaxMB}}
  maxBackups: {{.LogFiles}}
  noColor: true
`)

var traefikDynamicTemplate = parseTemplate("dcloud.yaml", `# Traefik's own routes, written by dcloud at each start. Changes here are lost;
# other files in this directory are yours.
#
# Certificate {{.Facts.CertSerial}}: another number makes Traefik read it again.

http:
  routers:
    panel:
      rule: "Host(`+"`panel.{{.Node.Domain}}`"+`)"
      entryPoints: [web, websecure]
      priority: {{.PanelPriority}}
      service: panel
  services:
    panel:
      loadBalancer:
        servers:
{{- range .Panels}}
          - url: "http://{{.}}:{{$.AgentPort}}"
{{- end}}

tls:
  stores:
    default:
      defaultCertificate:
        certFile: {{q .CertWeb}}
        keyFile: {{q .CertWeb}}
  options:
    default:
      minVersion: VersionTLS12
      sniStrict: false
`)

// TraefikStatic is the text of Traefik's static configuration (YAML), with a
// token in it. A change of it needs a restart.
func TraefikStatic(in Input) string { return render(traefikStaticTemplate, in) }

// TraefikDynamic is the text of the routes and certificates that do not come from
// Consul (YAML). Traefik follows changes by itself.
func TraefikDynamic(in Input) string { return render(traefikDynamicTemplate, in) }
