package pool

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// Tokens of the first tests, for those that come later.
var (
	piLine   string
	usedUp   string
	shortest agent.Token
)

func TestAServerBehindARouterIsUp(t *testing.T) {
	server.Must(t, "up", "--no-welcome")
	awaitNodes(t, server, map[string]string{"server": agent.NodeReady})
	shortest = token(t, "--ttl", "1m", "--uses", "5")
}

func TestTheLineOfATokenMakesAMachineOfTheSameLANAMember(t *testing.T) {
	piLine = line(t)
	took := paste(t, pi, piLine)
	t.Logf("joined on the LAN in %s", took.Round(100*time.Millisecond))
	if n := joined(t, "pi"); n.Role != "worker" || n.Address != "10.213.0.2" {
		t.Errorf("when the join ends the server lists %+v", n)
	}
}

// joined holds that the server does not wait for a machine whose join has ended, and
// returns what it lists. That a machine which does much else is not heard of for a
// moment, and seen as down, is no fault of the join.
func joined(t *testing.T, name string) agent.Node {
	t.Helper()
	n := server.Nodes(t)[name]
	if n.State != agent.NodeReady && n.State != agent.NodeDown {
		t.Errorf("when the join ends the server lists %+v", n)
	}
	return n
}

func TestAMachineOutsideIsCalledByAServerBehindARouter(t *testing.T) {
	text := line(t, "--role", "ingress", "--call", vpsAddress)
	took := paste(t, vps, text)
	t.Logf("joined from outside in %s", took.Round(100*time.Millisecond))
	usedUp = strings.Fields(text)[4]
	if n := joined(t, "vps"); n.Role != "ingress" {
		t.Errorf("when the join ends the server lists %+v", n)
	}
}

func TestAllMachinesListTheSameThree(t *testing.T) {
	for _, m := range []*Machine{server, pi, vps} {
		awaitNodes(t, m, allReady)
		for name, n := range m.Nodes(t) {
			if n.Self != (name == m.Name) {
				t.Errorf("on %s, being itself is %v of %s", m.Name, n.Self, name)
			}
		}
	}
}

func TestJoiningAgainChangesNothingAndSaysSo(t *testing.T) {
	pi.AwaitReady(t)
	before := pi.PIDs(t)
	a := pi.Shell(t, piLine)
	if a.Code != 0 || !strings.Contains(a.Stderr, "Nothing was to be changed") {
		t.Errorf("the second join ended with %d and said:\n%s", a.Code, a.Stderr)
	}
	if after := pi.PIDs(t); !maps.Equal(before, after) {
		t.Errorf("processes were %v and are %v", before, after)
	}
}

// refusedOnSpare tries a token that lets nobody in, and that nothing is left of it.
func refusedOnSpare(t *testing.T, code int, words []string, text string, args ...string) {
	t.Helper()
	spare.Refused(t, code, words, append([]string{"node", "join", text}, args...)...)
	blank(t, spare)
	if nodes := server.Nodes(t); len(nodes) != 3 {
		t.Errorf("the server lists %v", nodes)
	}
}

func TestATokenThatLetsNobodyInIsToldOf(t *testing.T) {
	open := token(t, "--uses", "5") // the port is open while it waits
	parsed, err := pool.ParseToken(open.Token)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*pool.Token)) string {
		changed := parsed
		change(&changed)
		return changed.Text()
	}
	t.Run("used", func(t *testing.T) {
		refusedOnSpare(t, 1, []string{"used", "vps", "dcloud node token"}, usedUp)
	})
	t.Run("altered", func(t *testing.T) {
		middle := len(open.Token) / 2
		letter := "A"
		if open.Token[middle] == 'A' {
			letter = "B"
		}
		refusedOnSpare(t, 2, []string{"token"}, open.Token[:middle]+letter+open.Token[middle+1:])
		refusedOnSpare(t, 2, []string{"token"}, open.Token[:middle])
		refusedOnSpare(t, 2, []string{"token"}, "hello")
	})
	t.Run("of another cloud", func(t *testing.T) {
		foreign := with(func(p *pool.Token) { p.Fingerprint[0] ^= 1 })
		refusedOnSpare(t, 1, []string{"another cloud"}, foreign)
	})
	t.Run("with a wrong secret", func(t *testing.T) {
		guessed := with(func(p *pool.Token) { p.Secret = strings.Repeat("0", len(p.Secret)) })
		refusedOnSpare(t, 1, []string{"does not know the token"}, guessed)
		log, err := os.ReadFile(filepath.Join(server.Data, "logs", "agent.log"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(log), "192.168.77.4") {
			t.Error("the server's log does not say who tried a wrong secret")
		}
		if strings.Contains(string(log), parsed.Secret) {
			t.Error("the server's log has a token's secret")
		}
	})
	t.Run("that leads nowhere", func(t *testing.T) {
		lost := with(func(p *pool.Token) { p.Addresses = []string{"192.168.77.99:51820"} })
		refusedOnSpare(t, 5, []string{"192.168.77.99", "--call"}, lost, "--wait", "8s")
	})
	t.Run("with a clock that is wrong", func(t *testing.T) {
		right := spare.Bin
		spare.Bin = wrongClock(t)
		defer func() { spare.Bin = right }()
		refusedOnSpare(t, 1, []string{"clock", "timedatectl"}, open.Token)
	})
	t.Run("expired", func(t *testing.T) {
		<-time.After(time.Until(shortest.Expires) + time.Second)
		refusedOnSpare(t, 1, []string{"was good until", "dcloud node token"}, shortest.Token)
	})
}

// wrongClock builds a dcloud that joins with a clock that is an hour fast.
func wrongClock(t *testing.T) string {
	t.Helper()
	overlay := map[string]string{}
	dir := t.TempDir()
	for _, pattern := range []string{"agent/pool/join/*.go", "cmd/dcloud/node_join*.go"} {
		files, err := filepath.Glob(filepath.Join(Repository(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") || !strings.Contains(string(text), "time.Now") {
				continue
			}
			fast := strings.ReplaceAll(string(text), "time.Now", "(func() time.Time { return time.Now().Add(time.Hour) })")
			copied := filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay)))
			if err := os.WriteFile(copied, []byte(fast), 0o600); err != nil {
				t.Fatal(err)
			}
			from, err := filepath.Rel(Repository(), file)
			if err != nil {
				t.Fatal(err)
			}
			overlay[from] = copied
		}
	}
	bin, err := Build(t.Context(), dir, "dcloud-fast", poolVersion, overlay)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestAMachineIsInOneCloudOnly(t *testing.T) {
	text := token(t).Token
	server.Refused(t, 4, []string{"cloud of its own", "--purge"}, "node", "join", text)
	parsed, err := pool.ParseToken(text)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Fingerprint[0] ^= 1
	pi.Refused(t, 4, []string{"another cloud", "dcloud node leave"}, "node", "join", parsed.Text())
}
