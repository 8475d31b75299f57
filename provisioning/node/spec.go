package node

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/template"
)

// Binary is an engine's executable.
type Binary struct {
	Version string // 1.22.7
	Path    string // absolute
}

// EngineSpec says how one engine is started. It writes and rotates LogPath itself
// and repeats each line on standard output, which therefore goes to /dev/null;
// standard error, where a panic ends up, goes to ErrorPath.
type EngineSpec struct {
	Name    string
	Version string
	Path    string   // the executable
	Args    []string // without the executable's name; no secrets
	Env     []string // all of it: nothing is inherited
	Dir     string   // working directory

	ConfigPath string
	ConfigText string // holds secrets
	// Reload is a second file that the engine follows without a restart, "" if
	// there is none. A change of ConfigText needs one.
	ReloadPath string
	ReloadText string

	LogPath   string
	ErrorPath string
}

// Specs returns the engines of the machine's role in the order in which they are
// started: Consul, Nomad and, on a front door, Traefik. Binaries are by engine name;
// those of engines that do not run here need not be there.
func Specs(in Input, binaries map[string]Binary) ([]EngineSpec, error) {
	templates := map[string]*template.Template{Consul: consulTemplate, Nomad: nomadTemplate, Traefik: traefikStaticTemplate}
	args := map[string][]string{
		Consul:  {"agent", "-config-file=" + in.Layout.ConfigFile(Consul)},
		Nomad:   {"agent", "-config=" + in.Layout.ConfigFile(Nomad)},
		Traefik: {"--configfile=" + in.Layout.ConfigFile(Traefik)},
	}
	var specs []EngineSpec
	for _, name := range in.Node.Engines() {
		text, err := tryRender(templates[name], in)
		if err != nil {
			return nil, err
		}
		b, ok := binaries[name]
		if !ok || !filepath.IsAbs(b.Path) {
			return nil, refuse(nil, "fetch it with: dcloud up", "there is no executable of %s", name)
		}
		spec := EngineSpec{
			Name: name, Version: b.Version, Path: b.Path, Args: args[name],
			Env: engineEnv(in, name), Dir: in.Layout.EngineData(name),
			ConfigPath: in.Layout.ConfigFile(name), ConfigText: text,
			LogPath: in.Layout.Log(name), ErrorPath: in.Layout.Output(name),
		}
		if name == Traefik {
			spec.ReloadPath = filepath.Join(in.Layout.TraefikDynamic(), "dcloud.yaml")
			if spec.ReloadText, err = tryRender(traefikDynamicTemplate, in); err != nil {
				return nil, err
			}
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

// engineEnv is an engine's whole environment. Nothing is taken from ours: with
// AWS_CA_BUNDLE in it Nomad does not start, and CONSUL_* or NOMAD_* would override
// the configuration.
func engineEnv(in Input, engine string) []string {
	env := []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", // iptables, the CNI plugins' tools
		"HOME=" + in.Layout.EngineData(engine),
		"LANG=C.UTF-8",
		"TZ=" + in.Node.Timezone,
	}
	return append(env, EngineEnv(in.Facts.MemoryMB)...)
}

// WriteConfigs writes the configuration files that differ from what is there, and
// returns the names of the engines that must be restarted to follow.
func WriteConfigs(specs []EngineSpec) (restart []string, err error) {
	for _, s := range specs {
		changed, err := writeIfChanged(s.ConfigPath, []byte(s.ConfigText))
		if err != nil {
			return restart, fmt.Errorf("configure %s: %w", s.Name, err)
		}
		if changed {
			restart = append(restart, s.Name)
		}
		if s.ReloadPath == "" {
			continue
		}
		if _, err := writeIfChanged(s.ReloadPath, []byte(s.ReloadText)); err != nil {
			return restart, fmt.Errorf("configure %s: %w", s.Name, err)
		}
	}
	return slices.Compact(restart), nil
}

// LeftOver removes temporary files that a killed process left in the directories
// of the layout which hold single files, and what a member has joined with.
func LeftOver(l Layout) error {
	if isMember(l) {
		if err := removeJoining(l); err != nil {
			return err
		}
	}
	for _, dir := range []string{l.Data, l.PKI(), l.Secrets(), l.Config(), l.TraefikDynamic(), l.Joining()} {
		names, err := filepath.Glob(filepath.Join(dir, ".*.[0-9]*"))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return fmt.Errorf("remove what was left half-written: %w", err)
			}
		}
	}
	return nil
}
