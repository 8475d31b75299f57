# Every way to build, run, test and measure. `make help` lists them.

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
UPFLAGS  ?=
BENCHFLAGS ?=
LABFLAGS ?=
# Where engines are kept between runs: they take minutes to fetch or compile.
export DCLOUD_CACHE ?= /var/cache/dcloud
# The Go at hand is the one that is used; a newer one is never fetched.
export GOTOOLCHAIN ?= local

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: assets ## build bin/dcloud
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/dcloud ./cmd/dcloud

# What browsers load: bundled anew when a source changed, its packages fetched anew
# when their lock did.
ASSETS := ui/assets/dist/manifest.json
PACKAGES := ui/assets/node_modules/.package-lock.sum

.PHONY: assets
assets: $(ASSETS) ## bundle the panel's scripts, styles and icons

$(ASSETS): $(PACKAGES) $(shell find ui/assets/src ui/assets/*.mjs -type f) $(shell find ui -name '*.html' -o -name '*.go' -not -path '*/node_modules/*')
	node ui/assets/build.mjs

$(PACKAGES): ui/assets/package-lock.json
	@command -v npm >/dev/null || { echo "The panel's scripts and styles are made with npm, which is missing: apt-get install -y nodejs npm" >&2; exit 1; }
	npm --prefix ui/assets ci --prefer-offline --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: up
up: build ## set this machine up and start its cloud (as root; UPFLAGS="--domain …")
	bin/dcloud up $(UPFLAGS)

.PHONY: down
down: build ## stop this machine's cloud, and keep all of it
	bin/dcloud down

.PHONY: test
test: ## run all tests, setting up what they need (as root)
	.ci/packages
	$(MAKE) build
	bin/dcloud internal engines
	go test -timeout 40m $$(go list ./... | grep -v -e /e2e -e /ui/gallery)
	go test -timeout 40m -p 1 ./ui/gallery/... ./cmd/dcloud/e2e/... # by themselves: they promise times, or need all there is

.PHONY: test-short
test-short: assets ## run the tests that need neither root nor engines
	go test -short ./...

# What computes alone (the catalog, jobs) has nothing to race with.
.PHONY: race
race: assets ## run the short tests of what runs side by side under the race detector
	.ci/packages gcc libc6-dev
	CGO_ENABLED=1 go test -race -short -timeout 20m $$(go list ./agent/... ./cmd/... ./provisioning/... ./ui/... | grep -v -e /e2e -e /ui/gallery -e bench$$)

.PHONY: images
images: ## build the images of the apps that need no registry
	provisioning/images/build.sh all

.PHONY: pictures
pictures: assets ## take the pictures of the panel for its documentation (needs Chromium)
	go run ./ui/gallery -pictures docs/pictures

.PHONY: lab
lab: build ## a pool of three hosts on this machine to play in (as root; LABFLAGS="-once 'dcloud node list'")
	.ci/packages
	bin/dcloud internal engines
	go build -o bin/lab ./provisioning/lab/play
	bin/lab $(LABFLAGS)

.PHONY: check
check: ## format, vet, staticcheck, govulncheck, tidy, generated files
	.ci/check

.PHONY: bench
bench: build ## measure beside docker-compose, as a table and bin/bench.json (as root; BENCHFLAGS="-v -only install")
	.ci/packages docker-compose
	go run ./cmd/dcloud/bench $(BENCHFLAGS)

.PHONY: audit
audit: assets ## judge the panel with Lighthouse and weigh it (needs Chromium)
	test -d ui/assets/audit/node_modules || npm --prefix ui/assets/audit ci --ignore-scripts --no-audit --no-fund
	node ui/assets/audit/lighthouse.mjs

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

.PHONY: clean
clean: ## remove what was built
	rm -rf bin ui/assets/node_modules
	find ui/assets/dist -type f ! -name .keep -delete
