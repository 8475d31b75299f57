package main

import (
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// checkAgent says whether the agent answers, and if not, why.
func checkAgent(f facts) []finding {
	if f.Status != nil {
		return []finding{ok("agent", "The agent answers (version %s).", dash(f.Status.Version))}
	}
	switch {
	case f.Remote:
		return []finding{fail("agent", "Check DCLOUD_ADDR and DCLOUD_TOKEN, and run dcloud doctor on that machine.",
			"The cloud does not answer: %v.", f.StatusErr)}
	case !f.SetUp:
		return []finding{fail("agent", "Set it up and start it with: dcloud up",
			"There is no cloud on this machine yet (nothing is in %s).", f.DataDir)}
	}
	what, do := "The agent is not running.", "Start it with: dcloud up"
	if f.AgentPID > 0 {
		what = fmt.Sprintf("The agent runs (process %d) but does not answer: %v.", f.AgentPID, f.StatusErr)
		do = fmt.Sprintf("End it with: kill -9 %d. It is started again, and apps go on meanwhile.", f.AgentPID)
	}
	out := []finding{fail("agent", do, "%s", what)}
	if n := len(f.AgentLog); n > 0 {
		out[0].Do += " Its last words: " + strings.Join(f.AgentLog[max(0, n-3):], " | ")
	}
	return out
}

// checkEngines tells of each engine that the agent supervises.
func checkEngines(f facts) []finding {
	if f.Status == nil {
		return nil // checkAgent has said why
	}
	var out []finding
	for _, en := range f.Status.Engines {
		log := "See its log in " + f.LogDir + "."
		switch en.State {
		case agent.EngineReady:
			out = append(out, ok("engine", "%s is ready (process %d, restarted %d times).", en.Name, en.PID, en.Restarts))
		case agent.EngineStarting:
			out = append(out, warn("engine", "Wait a moment. "+log, "%s is starting.", en.Name))
		default:
			out = append(out, fail("engine", "The agent tries again by itself. "+log,
				"%s is not healthy: %s.", en.Name, withReason(en.State, en.Reason)))
		}
	}
	return out
}

// checkNodes tells of the machines of a pool; one machine is told of by the rest.
func checkNodes(f facts) []finding {
	if f.Status == nil {
		return nil // checkAgent has said why
	}
	if f.NodesErr != nil {
		told := agent.AsError(f.NodesErr)
		return []finding{warn("machines", told.Hint, "Which machines there are cannot be told: %s.", told.Message)}
	}
	if len(f.Nodes) < 2 {
		return nil
	}
	var out []finding
	for _, n := range f.Nodes {
		switch n.State {
		case agent.NodeReady:
			out = append(out, ok("machines", "%s is ready (%s at %s).", n.Name, n.Role, n.Address))
		case agent.NodeDown:
			out = append(out, warn("machines", "Switch it on, or look on it with: dcloud doctor. If it is gone for good: dcloud node remove "+n.Name,
				"%s is %s.", n.Name, withReason(n.State, n.Reason)))
		default:
			out = append(out, warn("machines", "See how it goes with: dcloud node list", "%s is %s.", n.Name, withReason(n.State, n.Reason)))
		}
	}
	return out
}

// checkDocker says whether the daemon that runs the apps answers.
func checkDocker(f facts) []finding {
	if f.Remote {
		return nil
	}
	if f.DockerErr != nil {
		return []finding{fail("docker", "Start it with: systemctl start docker. Where it is not installed: dcloud up",
			"Docker does not answer, so no app can start: %v.", f.DockerErr)}
	}
	return []finding{ok("docker", "Docker answers (version %s).", f.DockerVersion)}
}

// checkPorts says who holds the front door's ports where the cloud does not, and
// whether anybody opens where it does.
func checkPorts(f facts) []finding {
	var out []finding
	for _, p := range f.Ports {
		by := "another program"
		if p.Holder != "" {
			by = p.Holder
		}
		switch {
		case f.Status == nil && p.Taken && !strings.HasPrefix(p.Holder, "traefik"):
			out = append(out, fail("ports", fmt.Sprintf("Stop it, or choose another port: dcloud up --%s-port N", p.Name),
				"Port %d (%s) is taken by %s.", p.Port, p.Name, by))
		case f.Status != nil && !p.Taken:
			out = append(out, fail("ports", "See whether traefik is healthy: dcloud status",
				"Nobody listens on port %d (%s), so no app can be reached.", p.Port, p.Name))
		case f.Status != nil && p.Holder != "" && !strings.HasPrefix(p.Holder, "traefik"):
			out = append(out, fail("ports", fmt.Sprintf("Stop it, or choose another port: dcloud up --%s-port N", p.Name),
				"Port %d (%s) belongs to %s, not to the front door.", p.Port, p.Name, by))
		case f.Status != nil:
			out = append(out, ok("ports", "The front door is open on port %d (%s).", p.Port, p.Name))
		default:
			out = append(out, ok("ports", "Port %d (%s) is free.", p.Port, p.Name))
		}
	}
	return out
}

// Free space, in bytes. Below diskFail a database cannot write its next log, and
// Consul and Nomad stop; below diskWarn an image of usual size does not fit.
const (
	diskFail = 256 << 20
	diskWarn = 2 << 30
)

func checkDisk(f facts) []finding {
	var out []finding
	for _, d := range f.Disks {
		text := fmt.Sprintf("%s has %s of %s free.", d.Path, size(d.Free), size(d.Total))
		do := "Remove what is not needed; docker image prune -a frees images of no running app."
		switch {
		case d.Free < diskFail:
			out = append(out, fail("disk", do, "The disk is full: %s", text))
		case d.Free < diskWarn || d.Total > 0 && d.Free*20 < d.Total: // 5 %
			out = append(out, warn("disk", do, "The disk is nearly full: %s", text))
		default:
			out = append(out, ok("disk", "%s", text))
		}
	}
	return out
}

// memoryFail and memoryWarn are bytes that should be available: below the first
// the kernel is about to kill processes, below the second no app fits.
const (
	memoryFail = 48 << 20
	memoryWarn = 160 << 20
)

func checkMemory(f facts) []finding {
	if f.MemTotal == 0 {
		return nil
	}
	text := fmt.Sprintf("%s of %s memory is available.", size(f.MemAvailable), size(f.MemTotal))
	do := "Stop an app that is not needed (dcloud app stop NAME), or add memory."
	switch {
	case f.MemAvailable < memoryFail:
		return []finding{fail("memory", do, "Memory is used up: %s", text)}
	case f.MemAvailable < memoryWarn:
		return []finding{warn("memory", do, "Memory is short: %s", text)}
	}
	return []finding{ok("memory", "%s", text)}
}

// checkNames says whether the domain leads to this machine.
func checkNames(f facts) []finding {
	var out []finding
	for _, n := range f.Names {
		// RFC 6761, section 6.3: names below localhost are the machine itself;
		// browsers and curl know that without DNS, libc often does not.
		local := n.Name == "localhost" || strings.HasSuffix(n.Name, ".localhost")
		here := slices.ContainsFunc(n.Addrs, func(a netip.Addr) bool {
			return a.IsLoopback() || slices.Contains(f.LocalAddrs, a)
		})
		switch {
		case here:
			out = append(out, ok("name", "%s leads to this machine.", n.Name))
		case local && len(n.Addrs) == 0:
			out = append(out, ok("name", "%s leads to this machine in browsers and curl.", n.Name))
		case len(n.Addrs) == 0:
			out = append(out, fail("name", fmt.Sprintf("Add a DNS record for %s that names this machine's address; a wildcard (*) serves all apps.", n.Name),
				"%s does not resolve: %v.", n.Name, n.Err))
		default:
			out = append(out, warn("name", "That is right behind a router that forwards ports 80 and 443 to this machine; otherwise correct the DNS record.",
				"%s leads to %s, which is not an address of this machine.", n.Name, joinAddrs(n.Addrs)))
		}
	}
	return out
}

// clockSlack is how far a file's time may lie ahead: file systems round, and
// clocks are set by small steps.
const clockSlack = 2 * time.Minute

// checkClock compares the clock with what it said before: nothing here was made
// in the future. (A Pi has no clock of its own and starts in the past.)
func checkClock(f facts) []finding {
	if f.Newest.IsZero() {
		return nil
	}
	do := "Set it, and let it be kept: timedatectl set-ntp true"
	if f.Newest.After(f.Now.Add(clockSlack)) {
		return []finding{fail("clock", do, "The clock says %s, but %s was written at %s: the clock is wrong.",
			f.Now.UTC().Format(time.RFC3339), f.NewestPath, f.Newest.UTC().Format(time.RFC3339))}
	}
	for _, c := range f.Certs {
		if f.Now.Before(c.NotBefore) {
			return []finding{fail("clock", do, "The clock says %s, but the certificate %s was made for %s and later: the clock is wrong.",
				f.Now.UTC().Format(time.RFC3339), c.Path, c.NotBefore.UTC().Format(time.RFC3339))}
		}
	}
	return []finding{ok("clock", "The clock agrees with what was written before.")}
}

// certWarn is how early an end of a certificate is told.
const certWarn = 14 * 24 * time.Hour

func checkCertificates(f facts) []finding {
	var out []finding
	do := "Make new ones with: dcloud up"
	for _, c := range f.Certs {
		left := c.NotAfter.Sub(f.Now)
		switch {
		case c.Err != nil:
			out = append(out, fail("certificate", do, "%s cannot be read: %v.", c.Path, c.Err))
		case left <= 0:
			out = append(out, fail("certificate", do, "%s ended on %s.", c.Path, c.NotAfter.UTC().Format(time.DateOnly)))
		case left < certWarn:
			out = append(out, warn("certificate", do, "%s ends in %d days.", c.Path, int(left.Hours()/24)))
		}
	}
	if len(out) == 0 && len(f.Certs) > 0 {
		out = append(out, ok("certificate", "All %d certificates are valid for at least %d days more.", len(f.Certs), int(certWarn.Hours()/24)))
	}
	return out
}

// checkDataDir says whether strangers could read what is secret, and whether we
// could read what we need.
func checkDataDir(f facts) []finding {
	if f.Remote || !f.SetUp {
		return nil
	}
	var out []finding
	for _, s := range f.Secret {
		if open := s.Mode.Perm() & 0o077; open != 0 || s.UID != 0 {
			out = append(out, fail("data", fmt.Sprintf("chown root:root %[1]s && chmod go= %[1]s", s.Path),
				"%s holds secrets, and others than root may use it (%s, user %d).", s.Path, s.Mode, s.UID))
		}
	}
	if f.DataMode&0o022 != 0 && f.DataMode&fs.ModeSticky == 0 {
		out = append(out, fail("data", "chmod go-w "+f.DataDir, "Others than root may write in %s (%s).", f.DataDir, f.DataMode))
	}
	if f.Unreadable != nil {
		out = append(out, warn("data", "Run it as root: sudo dcloud doctor", "Not all of %s could be looked at: %v.", f.DataDir, f.Unreadable))
	}
	if len(out) == 0 {
		out = append(out, ok("data", "What is secret in %s can be read by root alone.", f.DataDir))
	}
	return out
}

// size is a number of bytes in words.
func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

func joinAddrs(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}
