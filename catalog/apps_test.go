package catalog

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asked are the apps that the project was asked for by name.
var asked = []string{
	"mastodon", "friendica", "diaspora", "pleroma", "misskey",
	"email", "smtp-relay",
	"nextcloud", "pydio-cells", "owncloud", "filebrowser", "syncthing",
	"miniflux", "wikijs", "trilium", "monica",
	"jellyfin", "audioserve", "qbittorrent",
	"gitea", "openproject", "taiga",
	"vaultwarden", "elasticsearch", "opensearch",
	"wireguard", "authelia", "static", "whoami",
}

// sharedPorts are the machine's ports that several entries reserve, so that a machine
// runs one of them: what speaks the same protocol at its usual port.
var sharedPorts = map[string][]string{
	"tcp/25":   {"email", "stalwart"},
	"tcp/143":  {"email", "stalwart"},
	"tcp/465":  {"email", "stalwart"},
	"tcp/587":  {"email", "stalwart"},
	"tcp/993":  {"email", "stalwart"},
	"tcp/53":   {"adguard-home", "pihole", "technitium"},
	"udp/53":   {"adguard-home", "pihole", "technitium"},
	"tcp/1935": {"owncast", "peertube"},
}

// firstComeFirstServed are the entries that everybody reaches and whose first visitor
// becomes their owner. They are for visitors, guests or apps on phones, which a private
// door would keep out; they keep nothing before they are set up, and somebody who was
// faster shows at the owner's first look. All others of that kind are private.
var firstComeFirstServed = []string{
	"actual-budget", "audiobookshelf", "booklore", "calcom", "campfire", "castopod", "chatwoot", "docmost", "docuseal",
	"drupal", "easyappointments", "emby", "firefly-iii", "formbricks", "ghost", "grav", "immich", "jellyfin", "kavita",
	"kitchenowl", "komga", "kutt", "lychee", "matomo", "mattermost", "media-stack", "monica", "piwigo", "plausible",
	"pocket-id", "readeck", "romm", "seerr", "tandoor", "trilium", "wikijs", "wizarr", "wordpress", "zipline",
}

// signedInElsewhere are the entries that everybody reaches, and that have neither a first
// password of ours nor a first visitor who becomes their owner.
var signedInElsewhere = map[string]string{
	"headscale":  "it has no page; devices need a key from its owner",
	"outline":    "people sign in at a service that its owner names",
	"passbolt":   "the first administrator's link stands in its log",
	"privatebin": "it is for everybody",
	"rallly":     "accounts are for addresses that its owner names",
	"roundcube":  "people sign in at their mail server",
	"static":     "it is for everybody",
	"traccar":    "what everybody reaches takes positions of known devices",
	"welcome":    "it is for everybody",
	"whoami":     "it is for everybody",
	"yopass":     "it is for everybody",
}

var (
	// knownPassword is how notes tell of a first password that is in everybody's manual.
	knownPassword = regexp.MustCompile(`(?i)(with the|first) password (is )?([a-z0-9]+)`)
)

// entries are those that come with the binary.
func entries(t *testing.T) []*App {
	t.Helper()
	c, problems := Embedded()
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c.Entries()
}

// openDoors are an entry's exposed ports that everybody reaches.
func openDoors(a *App) (list []Expose) {
	for _, s := range a.Services {
		for _, x := range s.Exposes {
			if x.Access == "app" || x.Access == "public" {
				list = append(list, x)
			}
		}
	}
	return list
}

func TestTheCatalogIsFreeOfWarnings(t *testing.T) {
	_, problems := Embedded()
	for _, p := range problems {
		t.Error(p)
	}
}

func TestEveryAppThatWasAskedForHasAnEntry(t *testing.T) {
	c, _ := Embedded()
	for _, name := range asked {
		if _, ok := c.Get(name); !ok {
			t.Errorf("the catalog has no %s", name)
		}
	}
	if n := len(c.Entries()); n < 150 {
		t.Errorf("the catalog has %d entries, and promises 150", n)
	}
}

func TestEveryFolderHoldsTheEntryOfItsName(t *testing.T) {
	c, _ := Embedded()
	folders, err := fs.ReadDir(apps, "apps")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if _, ok := c.Get(f.Name()); !ok {
			t.Errorf("the folder %s holds no entry of that name", f.Name())
		}
	}
}

func TestEveryShelfHasAnEntry(t *testing.T) {
	filled := map[string]bool{}
	for _, a := range entries(t) {
		filled[a.Category] = true
	}
	for _, shelf := range Categories {
		if !filled[shelf] {
			t.Errorf("nothing stands on the shelf %s", shelf)
		}
	}
}

func TestEveryEntrySaysWhatItRunsOnAndWithWhich(t *testing.T) {
	for _, a := range entries(t) {
		if len(a.Architectures) == 0 {
			t.Errorf("%s does not say which processors it is for", a.Name)
		}
		if a.Description == "" {
			t.Errorf("%s has no description", a.Name)
		}
		if len(a.Warnings) > 0 {
			t.Errorf("%s is written by hand and has warnings: %q", a.Name, a.Warnings)
		}
		for _, s := range a.Services {
			name, digest, _ := strings.Cut(s.Image, "@")
			_, tag, tagged := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
			if word, bare := Moves(tag); digest == "" && (!tagged || word != "" && !bare) {
				t.Errorf("%s: image %s of service %s is not pinned", a.Name, s.Image, s.Name)
			}
		}
	}
}

// noArm32 are databases whose makers build nothing for 32-bit ARM.
var noArm32 = regexp.MustCompile(`(^|/)(mariadb|mysql|mongo|elasticsearch|opensearch|clickhouse-server|pgvector)(@|:|$)`)

func TestNoEntryClaimsAProcessorThatItsDatabaseDoesNotKnow(t *testing.T) {
	for _, a := range entries(t) {
		for _, s := range a.Services {
			if slices.Contains(a.Architectures, "arm") && noArm32.MatchString(s.Image) {
				t.Errorf("%s claims arm, and %s is not built for it", a.Name, s.Image)
			}
		}
	}
}

func TestEveryEntryReservesNoMoreThanItAsksTheMachineFor(t *testing.T) {
	for _, a := range entries(t) {
		reserved := 0
		for _, s := range a.Services {
			if !s.Once {
				reserved += s.Resources.Memory
			}
		}
		if a.MinMemory > 0 && reserved > a.MinMemory {
			t.Errorf("%s reserves %d MiB and says that %d are enough", a.Name, reserved, a.MinMemory)
		}
	}
}

func TestNoTwoEntriesReserveTheSamePortUnawares(t *testing.T) {
	takes := map[string][]string{}
	for _, a := range entries(t) {
		for _, s := range a.Services {
			for _, p := range s.Ports {
				key := fmt.Sprintf("%s/%d", p.Protocol, p.Host)
				if slices.Contains(takes[key], a.Name) {
					t.Errorf("%s reserves %s twice", a.Name, key)
				}
				takes[key] = append(takes[key], a.Name)
			}
		}
	}
	for key, names := range takes {
		slices.Sort(names)
		if len(names) > 1 && !slices.Equal(names, sharedPorts[key]) {
			t.Errorf("%s is reserved by %s", key, strings.Join(names, ", "))
		}
	}
	for key, names := range sharedPorts {
		if !slices.Equal(takes[key], names) {
			t.Errorf("%s is listed as shared by %q and is reserved by %q", key, names, takes[key])
		}
	}
}

func TestNobodyButTheOwnerReachesAnAppWithAPasswordThatIsKnown(t *testing.T) {
	found := 0
	for _, a := range entries(t) {
		m := knownPassword.FindStringSubmatch(a.Notes)
		if m == nil || slices.Contains([]string{"that", "of", "for", "under", "with"}, m[3]) {
			continue
		}
		found++
		if len(openDoors(a)) > 0 {
			t.Errorf("everybody reaches %s, whose first password is %s", a.Name, m[3])
		}
	}
	if found == 0 {
		t.Error("no notes tell of a first password: this test does not know how they do it any more")
	}
}

func TestEverybodyReachesOnlyWhatAsksForAPasswordOfItsOwn(t *testing.T) {
	for _, a := range entries(t) {
		if len(openDoors(a)) == 0 {
			if slices.Contains(firstComeFirstServed, a.Name) || signedInElsewhere[a.Name] != "" {
				t.Errorf("%s is private and stands in a list of those that are not", a.Name)
			}
			continue
		}
		ours := slices.ContainsFunc(a.Secrets, func(s Secret) bool { return s.Reveal })
		first := slices.Contains(firstComeFirstServed, a.Name)
		switch {
		case first && !strings.Contains(a.Notes, "right away"):
			t.Errorf("the first visitor of %s becomes its owner; its notes must say to open it right away", a.Name)
		case !first && signedInElsewhere[a.Name] == "" && !ours:
			t.Errorf("everybody reaches %s, and it has no first password of ours: make it private", a.Name)
		case !first && strings.Contains(a.Notes, "right away"):
			t.Errorf("everybody reaches %s, and whoever comes first becomes its owner: make it private", a.Name)
		}
	}
}
