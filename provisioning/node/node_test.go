package node

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func prepared(t *testing.T) Layout {
	t.Helper()
	dir, err := os.MkdirTemp("", "dcloud") // t.TempDir's path has the test's name and is too long
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := NewLayout(filepath.Join(dir, "data"), filepath.Join(dir, "cache"))
	check(t, err)
	check(t, Prepare(l))
	return l
}

func options() Options { return Options{Hostname: "Pi_One.lan", Now: noon, Rand: rand.Reader} }

// refused asserts an error with a hint that says what it should.
func refused(t *testing.T, err error, says string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, says) || e.Hint() == "" {
		t.Errorf("err = %v, want a refusal with %q and a hint", err, says)
	}
}

func TestASecondInitChangesNothing(t *testing.T) {
	l := prepared(t)
	first, changed, err := Init(l, options())
	check(t, err)
	if !changed || first.Name != "pi-one" || first.Domain != DefaultDomain || first.Address.String() != "10.213.0.1" || !isUUID(first.ID) {
		t.Errorf("first = %+v, %v", first, changed)
	}
	o := options()
	o.Hostname, o.Taken, o.Now = "other", []netip.Prefix{DefaultPool}, noon.Add(time.Hour)
	second, changed, err := Init(l, o)
	check(t, err)
	if changed || !reflect.DeepEqual(second, first) {
		t.Errorf("second = %+v, %v", second, changed)
	}
	if info, _ := os.Stat(l.NodeFile()); info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v", info.Mode())
	}
}

func TestDomainPortsAndZoneCanChangeAndTheIdentityStays(t *testing.T) {
	l := prepared(t)
	first, _, err := Init(l, options())
	check(t, err)
	o := options()
	o.Domain, o.HTTPPort, o.HTTPSPort, o.Timezone = "Cloud.Example.ORG.", 8080, 8443, "Europe/Berlin"
	got, changed, err := Init(l, o)
	check(t, err)
	want := first
	want.Domain, want.HTTPPort, want.HTTPSPort, want.Timezone = "cloud.example.org", 8080, 8443, "Europe/Berlin"
	if !changed || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, changed)
	}
	loaded, err := Load(l)
	check(t, err)
	if !reflect.DeepEqual(loaded, want) {
		t.Errorf("loaded %+v", loaded)
	}
}

func TestWhatCannotBeIsRefusedAndNothingIsWritten(t *testing.T) {
	for says, set := range map[string]func(*Options){
		"only one part":      func(o *Options) { o.Domain = "cloud" },
		"is an address":      func(o *Options) { o.Domain = "192.0.2.1" },
		"its part":           func(o *Options) { o.Domain = "a..example.org" },
		"not in ASCII":       func(o *Options) { o.Domain = "bücher.example" },
		"is a number":        func(o *Options) { o.Domain = "example.123" },
		"no domain name":     func(o *Options) { o.Domain = "x`) || Host(`evil.org" },
		"ports go from":      func(o *Options) { o.HTTPPort = 70000 },
		"belongs to Nomad":   func(o *Options) { o.HTTPSPort = NomadHTTPPort },
		"from which apps":    func(o *Options) { o.HTTPPort = 20080 },
		"cannot share":       func(o *Options) { o.HTTPPort, o.HTTPSPort = 8443, 8443 },
		"no known time zone": func(o *Options) { o.Timezone = "Mars/Olympus" },
		"in use here":        func(o *Options) { o.Pool, o.Taken = DefaultPool, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
		"not a private IPv4": func(o *Options) { o.Pool = netip.MustParsePrefix("8.8.0.0/16") },
		"must be between":    func(o *Options) { o.Pool = netip.MustParsePrefix("10.9.9.0/30") },
		"every private range": func(o *Options) {
			o.Taken = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/1"), netip.MustParsePrefix("128.0.0.0/1")}
		},
	} {
		l, o := prepared(t), options()
		set(&o)
		_, _, err := Init(l, o)
		refused(t, err, says)
		if _, err := os.Stat(l.NodeFile()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: node.json was written", says)
		}
	}
	refused(t, checkDomain(strings.Repeat("a.", 100)+"org"), "leave room")
}

func TestThePoolsRangeStaysForLife(t *testing.T) {
	l := prepared(t)
	_, _, err := Init(l, options())
	check(t, err)
	o := options()
	o.Pool = netip.MustParsePrefix("10.99.0.0/16")
	_, _, err = Init(l, o)
	refused(t, err, "cannot be changed")
}

func TestANewNodeAvoidsRangesInUse(t *testing.T) {
	for _, c := range []struct{ taken, want string }{
		{"192.168.1.0/24 172.17.0.0/16 0.0.0.0/0", "10.213.0.0/16"},
		{"10.213.4.0/24", "10.214.0.0/16"},
		{"10.0.0.0/8", "192.168.213.0/24"},
		{"10.0.0.0/8 192.168.0.0/16", "172.31.0.0/16"},
		{"10.0.0.0/8 192.168.0.0/16 172.16.0.0/12", "198.19.0.0/16"},
	} {
		var taken []netip.Prefix
		for _, s := range strings.Fields(c.taken) {
			taken = append(taken, netip.MustParsePrefix(s))
		}
		if got := SuggestPool(taken); got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.taken, got, c.want)
		}
	}
}

func TestADamagedIdentityIsAnErrorAndStaysAsItIs(t *testing.T) {
	l := prepared(t)
	_, err := Load(l)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
	_, _, err = Init(l, options())
	check(t, err)
	whole, err := os.ReadFile(l.NodeFile())
	check(t, err)
	for _, text := range []string{"", "{}", "null", "[]", string(whole[:len(whole)/2]), "\x00\x00",
		strings.Replace(string(whole), "10.213.0.1", "10.1.1.1", 1), strings.Replace(string(whole), "dcloud.localhost", "x", 1)} {
		check(t, os.WriteFile(l.NodeFile(), []byte(text), 0o600))
		_, _, err := Init(l, options())
		refused(t, err, "is damaged")
		if now, _ := os.ReadFile(l.NodeFile()); string(now) != text {
			t.Errorf("%q became %q", text, now)
		}
	}
	check(t, os.WriteFile(l.NodeFile(), []byte(strings.Replace(string(whole), `"format": 1`, `"format": 2`, 1)), 0o600))
	_, err = Load(l)
	refused(t, err, "later version")
}

func TestHostNamesBecomeLabels(t *testing.T) {
	for in, want := range map[string]string{
		"pi": "pi", "My_Pi.fritz.box": "my-pi", "": "node", "---": "node", "büro": "b-ro", "localhost": "localhost",
		strings.Repeat("a", 62) + "-b": strings.Repeat("a", 62),
	} {
		if got := CleanName(in); got != want || !isLabel(got) {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestDirectoriesThatConfigurationsCannotCarryAreRefused(t *testing.T) {
	for _, dir := range []string{"data", "/", "/a\"b", "/a${b}", "/a\nb", "/a%b", "/" + strings.Repeat("x", 100), "/a\xffb"} {
		_, err := NewLayout(dir, "")
		refused(t, err, "")
	}
	l, err := NewLayout("", "")
	check(t, err)
	if l.NodeFile() != "/var/lib/dcloud/node.json" || l.Cache != "/var/cache/dcloud" {
		t.Errorf("%+v", l)
	}
}

func TestSecretsAreMadeOnceAndAreTheirOwnersAlone(t *testing.T) {
	l := prepared(t)
	_, err := LoadSecrets(l)
	refused(t, err, "cannot be read")
	first, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	check(t, os.Chmod(filepath.Join(l.Secrets(), "api-token"), 0o644))
	second, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	if first != second || !isUUID(first.NomadBootstrap) || !isGossipKey(first.ConsulGossip) {
		t.Error("the second differs from the first")
	}
	seen := map[string]bool{}
	for _, f := range first.files() {
		info, err := os.Stat(filepath.Join(l.Secrets(), f.name))
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", f.name, info.Mode())
		}
		if seen[*f.value] {
			t.Errorf("%s is one of the others", f.name)
		}
		seen[*f.value] = true
	}
}

func TestADamagedSecretIsAnErrorThatDoesNotShowIt(t *testing.T) {
	l := prepared(t)
	_, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	path := filepath.Join(l.Secrets(), "consul-management-token")
	check(t, os.WriteFile(path, []byte("half-of-it"), 0o600))
	_, err = EnsureSecrets(l, rand.Reader)
	refused(t, err, path)
	if strings.Contains(err.Error(), "half-of-it") {
		t.Error("the error shows the secret")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := Secrets{API: "dcloud_very-secret"}
	_, err := json.Marshal(s)
	for _, text := range []string{s.String(), s.GoString(), s.LogValue().String(), errors.Join(err).Error()} {
		if strings.Contains(text, "very") {
			t.Error(text)
		}
	}
}

func FuzzNoIdentityFilePanicsOrComesBackInvalid(f *testing.F) {
	f.Add([]byte(`{"format":1,"id":"00000000-0000-4000-8000-000000000000","name":"pi","domain":"a.b","http_port":80,"https_port":443,"pool":"10.213.0.0/16","address":"10.213.0.1","datacenter":"home","region":"global"}`))
	f.Add([]byte(`{"format":1,"pool":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := parse("node.json", data)
		if err == nil && (!isLabel(n.Name) || checkDomain(n.Domain) != nil || !n.Pool.Contains(n.Address)) {
			t.Errorf("%+v", n)
		}
	})
}

func FuzzWhatPassesAsADomainIsOne(f *testing.F) {
	f.Add("cloud.example.org")
	f.Add("x`) || Host(`y")
	f.Fuzz(func(t *testing.T, s string) {
		d := CleanDomain(s)
		if checkDomain(d) == nil && (strings.ContainsAny(d, "`\"'${}\\ \n") || len(d) > 189) {
			t.Errorf("%q", d)
		}
	})
}
