package panel

import (
	"strings"
	"testing"
)

// Images as Docker on the server calls them.
const (
	whoamiImage   = "docker.io/traefik/whoami:v1.12.0"
	postgresImage = "docker.io/library/postgres:17.2-alpine"
	asideImage    = "kept-aside/image:e2e"
	heldImage     = "kept-aside/held:e2e"
)

// goFile lets a held container begin: where one can be written to that is read-only.
const goFile = "/dev/shm/go"

// docker runs a command of Docker's on the server, and returns what it said.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	a := server.Run(t, "", append([]string{"docker"}, args...)...)
	if a.Code != 0 {
		t.Fatalf("docker %v: %+v", args, a)
	}
	return strings.TrimSpace(a.Stdout)
}

// replaced puts on the server, in place of an image, a database that begins only when
// letGo says so: what is said of an app that is being installed can then be looked at
// for as long as that takes. The function that it returns puts the image back; the end
// of the test does so too.
func replaced(t *testing.T, image string) (back func()) {
	t.Helper()
	docker(t, "tag", image, asideImage)
	made := docker(t, "create", postgresImage)
	docker(t, "commit", "--change", `ENTRYPOINT ["sh", "-c", "until [ -e `+goFile+` ]; do sleep 0.1; done; exec docker-entrypoint.sh \"$@\"", "held"]`,
		"--change", `CMD ["postgres"]`, made, heldImage)
	docker(t, "rm", made)
	docker(t, "tag", heldImage, image)
	is := true
	back = func() {
		if is {
			docker(t, "tag", asideImage, image)
		}
		is = false
	}
	t.Cleanup(back)
	return back
}

// letGo lets the containers that are held begin.
func letGo(t *testing.T) {
	t.Helper()
	for _, id := range strings.Fields(docker(t, "ps", "--quiet", "--filter", "ancestor="+heldImage)) {
		// One that began before may have ended between the two.
		if a := server.Run(t, "", "docker", "exec", "--user", "0", id, "touch", goFile); a.Code != 0 {
			t.Logf("let a container begin: %s", strings.TrimSpace(a.Stderr))
		}
	}
}
