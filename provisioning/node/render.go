package node

import (
	"fmt"
	"net/netip"
	"strings"
	"text/template"
)

// funcs are what the configuration templates use: q quotes, qs quotes a list.
var funcs = template.FuncMap{
	"q": quote,
	"qs": func(list []string) (string, error) {
		var quoted []string
		for _, s := range list {
			q, err := quote(s)
			if err != nil {
				return "", err
			}
			quoted = append(quoted, q)
		}
		return "[" + strings.Join(quoted, ", ") + "]", nil
	},
	"addrs": func(list []netip.Addr, port ...int) string {
		var quoted []string
		for _, a := range list {
			text := a.String()
			if len(port) > 0 {
				text = netip.AddrPortFrom(a, uint16(port[0])).String()
			}
			quoted = append(quoted, `"`+text+`"`)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	},
}

// panels are the machines that serve the panel, as this one reaches them: itself, or
// the pool's servers.
func panels(n Node) []string {
	if n.IsServer() {
		return []string{"127.0.0.1"}
	}
	var list []string
	for _, a := range n.Servers {
		list = append(list, a.String())
	}
	return list
}

func parseTemplate(name, text string) *template.Template {
	return template.Must(template.New(name).Funcs(funcs).Option("missingkey=error").Parse(text))
}

// render fills a template. It panics where a value cannot be written, which
// NewLayout, Load and LoadSecrets rule out and Specs checks once more: silently
// writing another configuration than was meant would be worse.
func render(t *template.Template, in Input) string {
	text, err := tryRender(t, in)
	if err != nil {
		panic(err)
	}
	return text
}

func tryRender(t *template.Template, in Input) (string, error) {
	var b strings.Builder
	err := t.Execute(&b, map[string]any{
		"Node": in.Node, "Layout": in.Layout, "Secrets": secretValues(in.Secrets), "Facts": in.Facts,
		"Pool": in.Node.Address.String(), "PoolRange": in.Node.Pool.String(), "Interface": Interface,
		"CNIPath": in.Facts.cniPath(), "DockerHost": in.Facts.dockerHost(), "LAN": in.Facts.lanInterface(),
		"GroupBridge": groupBridge, "GroupRange": in.Facts.groupRange(),
		"ReservedMemory": reservedMemory(in.Node.Role, in.Facts.MemoryMB),
		"MinAppPort":     MinAppPort, "MaxAppPort": MaxAppPort, "PauseImage": PauseImage,
		"ConsulHTTPPort": ConsulHTTPPort, "PingPort": PingPort, "AgentPort": AgentPort, "NomadRPCPort": NomadRPCPort, "IntroTTL": introTTL, "Panels": panels(in.Node), "PanelPriority": panelPriority,
		"CertConsul": in.Layout.Cert(CertConsul), "CertNomad": in.Layout.Cert(CertNomad), "CertWeb": in.Layout.Cert(CertWeb),
		"LogMax": logMaxMB << 20, "LogMaxMB": logMaxMB, "LogFiles": logFiles,
	})
	if err != nil {
		return "", fmt.Errorf("write the configuration %s: %w", t.Name(), err)
	}
	return b.String(), nil
}

// secretValues is Secrets without its methods, which would hide the values.
func secretValues(s Secrets) any {
	type bare Secrets
	return bare(s)
}

// An engine keeps its current log and logFiles older ones, each of logMaxMB MiB:
// a year of an idle engine's lines, and no more than a worn SD card can spare.
const (
	logMaxMB = 5
	logFiles = 2
)

// PauseImage holds a group's network namespace in bridge mode. It is built on the
// machine (package selfimage); its name is also there.
const PauseImage = "dcloud.local/pause:1"
