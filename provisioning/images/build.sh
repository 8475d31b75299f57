#!/bin/bash
# Builds images of catalog apps from Debian's packages and Go modules, under the
# entries' own image names, for machines that reach no image registry.
# README.md beside this file says what a recipe consists of.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
apps=$here/../../catalog/apps
cache=${DCLOUD_CACHE:-/var/cache/dcloud}/images
suite=bookworm
base=dcloud.local/debian:$suite
label=dcloud.recipe
force=

say() { printf '%s\n' "$*" >&2; }
die() { say "$1"; shift; for hint; do say "  $hint"; done; exit 1; }

usage() {
  cat <<END
usage: build.sh [-f] [-l] [-H DOCKER-SOCKET] NAME...|all

  -H  Docker's socket or address (default: \$DOCKER_HOST, then Docker's own)
  -f  build although an image of that name is there
  -l  list the recipes with the image names that they make, and stop

recipes: $(recipes | tr '\n' ' ')
END
}

recipes() { for f in "$here"/*/image; do basename "$(dirname "$f")"; done; }

# names NAME: the image names, with tags, that catalog entries use of the
# recipe's repository. They come from the entries so that they cannot drift.
names() {
  local repository
  repository=$(<"$here/$1/image")
  sed -nE 's/^[[:space:]]*image[[:space:]]*=[[:space:]]*"([^"]+)".*/\1/p' "$apps"/*/app.hcl |
    awk -v r="$repository:" 'index($0, r) == 1' | sort -u
}

# recipe_hash NAME: changes when any file of the recipe does.
recipe_hash() {
  (cd "$here/$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

# made_from IMAGE: "none" if there is no such image, else the hash of the recipe
# that it was made from, "" for an image that did not come from here.
made_from() {
  local hash
  if hash=$(docker image inspect -f "{{with .Config.Labels}}{{with index . \"$label\"}}{{.}}{{end}}{{end}}" "$1" 2>/dev/null); then
    printf '%s\n' "$hash"
  else
    echo none
  fi
}

# attempt COMMAND…: up to three times. What is fetched comes over networks, registries
# and proxies that fail now and then; each failure is told.
attempt() {
  local n
  for n in 1 2 3; do
    if "$@"; then return 0; fi
    [ "$n" = 3 ] || { say "it failed ($n of 3); trying again"; sleep $((n * 5)); }
  done
  return 1
}

need() { command -v "$1" >/dev/null || die "$1 is not installed." "install it: apt-get install $2"; }

# apt_dir DIR: what apt in a build needs of this machine's own configuration: where
# packages come from and how to get there. It is mounted into a build's container
# (a copy: packages write there too) and never part of an image, so neither are the
# credentials it may hold.
apt_dir() {
  mkdir -p "$1/apt.conf.d" "$1/preferences.d"
  # Only what concerns fetching: hooks call programs that the image lacks.
  apt-config dump | grep '^Acquire::' >"$1/apt.conf.d/50host" || true
  # An update that could not fetch all is a failure, not a warning that is followed by
  # packages that nobody knows.
  printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Retries "5";' 'APT::Update::Error-Mode "any";' >"$1/apt.conf.d/60lean"
  cp -a /etc/apt/trusted.gpg.d "$1/" 2>/dev/null || true
  if [ -n "${DCLOUD_DEBIAN_MIRROR:-}" ] || ! host_has_suite; then
    printf 'deb %s %s main\n' "$(mirror)" "$suite" >"$1/sources.list"
    return
  fi
  local part
  for part in sources.list sources.list.d auth.conf auth.conf.d keyrings; do
    if [ -e "/etc/apt/$part" ]; then cp -a "/etc/apt/$part" "$1/"; fi
  done
}

# sources: SUITE COMPONENT ADDRESS of every source of this machine.
sources() { apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 2>/dev/null | sort -u || true; }
host_has_suite() { sources | awk -v s="$suite" '$1 == s && $2 == "main" {f = 1} END {exit !f}'; }

# mirror: where Debian's packages come from here; debootstrap's default if no
# source of this machine tells.
mirror() {
  local from=${DCLOUD_DEBIAN_MIRROR:-}
  [ -n "$from" ] || from=$(sources | awk -v s="$suite" '$1 == s && $2 == "main" && !f {print $3; f = 1}')
  [ -n "$from" ] || from=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$(command -v debootstrap)")
  [ -n "$from" ] || die "It is not known where to get Debian's packages." "name a mirror: DCLOUD_DEBIAN_MIRROR=http://…/debian"
  printf '%s\n' "$from"
}

# bootstrap DIR: the smallest Debian, from nothing.
bootstrap() {
  find "$1" -xdev -mindepth 1 -delete
  debootstrap --variant=minbase --include=ca-certificates,tzdata "$suite" "$1" "$(mirror)"
}

# base_image makes the Debian that the others stand on. Its tarball is cached;
# nobody else's half-written one is ever used, since it is renamed when whole.
base_image() {
  [ "$(made_from "$base")" = none ] || return 0
  local arch tarball
  arch=$(dpkg --print-architecture)
  tarball=$cache/debian-$suite-$arch.tar
  mkdir -p "$cache"
  if [ ! -f "$tarball" ]; then
    [ "$(id -u)" = 0 ] || die "debootstrap needs root." "run it again with sudo"
    if ! command -v debootstrap >/dev/null; then
      say "installing debootstrap"
      { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap; } >"$work/apt.log" 2>&1 ||
        { tail -n 20 "$work/apt.log" >&2; die "debootstrap cannot be installed." "check that Debian's packages can be reached: apt-get update"; }
    fi
    say "$base: bootstrapping Debian $suite (about a minute)"
    local root proxy=
    root=$(mktemp -d "$work/root.XXXXXX")
    chmod 0755 "$root" # it becomes the image's /
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "$proxy" ] || export http_proxy=${http_proxy:-$proxy}
    attempt bootstrap "$root" >"$work/debootstrap.log" 2>&1 ||
      { tail -n 20 "$work/debootstrap.log" >&2; die "debootstrap failed." "check that Debian's packages can be reached: apt-get update"; }
    # The mirror is this machine's affair; manuals and translations are nobody's here.
    rm -rf "$root"/etc/apt/sources.list "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb \
      "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/usr/share/{man,info,locale}/* "$root"/etc/{hostname,resolv.conf}
    printf 'path-exclude=/usr/share/%s/*\n' man info locale >"$root/etc/dpkg/dpkg.cfg.d/lean"
    tar -C "$root" --numeric-owner --one-file-system -cf "$tarball.$$" .
    mv "$tarball.$$" "$tarball"
    rm -rf "$root"
  fi
  say "$base: importing"
  docker import --change 'ENV LANG=C.UTF-8' --change 'CMD ["bash"]' "$tarball" "$base" >/dev/null
}

# with_packages NAME: an image of the base with the recipe's packages in it. A run
# and a commit, not a Dockerfile's RUN, because only a run has mounts.
with_packages() {
  local name=$1 image=dcloud.local/build/$1:packages box=dcloud-build-$1-$$ host=$work/apt-$1
  apt_dir "$host"
  say "$name: installing $(grep -vE '^(#|$)' "$here/$name/packages" | tr '\n' ' ')"
  boxes+=("$box")
  docker run --name "$box" --network host \
    -e DEBIAN_FRONTEND=noninteractive -e http_proxy -e https_proxy -e no_proxy \
    -v "$host:/etc/apt" -v /usr/share/keyrings:/usr/share/keyrings:ro -v "$here/$name:/recipe:ro" \
    "$base" bash -euc '
      if [ -f /recipe/preinstall ]; then bash -eu /recipe/preinstall; fi
      # Services are started by whoever runs the image.
      printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d
      apt-get -qq update
      grep -vE "^(#|$)" /recipe/packages | xargs apt-get -qq install -y --no-install-recommends
      rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /tmp/* \
        /usr/share/doc-base /usr/share/man/* /usr/share/locale/*
    ' >"$work/$name.log" 2>&1 || { tail -n 30 "$work/$name.log" >&2; die "$name: its packages could not be installed." "see above; try apt-get update on this machine"; }
  # The environment of the run is not the image's.
  docker commit --change 'ENV DEBIAN_FRONTEND= http_proxy= https_proxy= no_proxy=' "$box" "$image" >/dev/null
  docker rm -f "$box" >/dev/null
}

# prepare NAME DIR: all that Docker's builder is given.
prepare() {
  rm -rf "$2" && mkdir -p "$2" && cp -a "$here/$1/." "$2/" || return 1
  [ ! -f "$here/$1/prepare" ] || (cd "$here/$1" && npm_config_fetch_retries=5 bash -euo pipefail prepare "$2")
}

build() {
  local name=$1 hash image from=$base wanted=() todo=()
  [ -f "$here/$name/image" ] || die "There is no recipe \"$name\"." "recipes: $(recipes | tr '\n' ' ')"
  mapfile -t wanted < <(names "$name")
  [ ${#wanted[@]} -gt 0 ] || die "No catalog entry uses $(<"$here/$name/image")." "change provisioning/images/$name/image or the entry"
  hash=$(recipe_hash "$name")
  for image in "${wanted[@]}"; do
    case $(made_from "$image") in
      "$hash") [ -n "$force" ] && todo+=("$image") || say "$name: $image is there" ;;
      # Made elsewhere: the real one, and its data may not suit ours.
      "") [ -n "$force" ] && todo+=("$image") || say "$name: $image is there and not from a recipe; kept (-f replaces it)" ;;
      *) todo+=("$image") ;;
    esac
  done
  [ ${#todo[@]} -gt 0 ] || return 0

  local context=$work/$name tags=()
  [ ! -f "$here/$name/prepare" ] || say "$name: compiling"
  attempt prepare "$name" "$context" || die "$name: compiling failed." "see above"
  if grep -q '^ARG BASE' "$here/$name/Dockerfile"; then base_image; fi
  if [ -f "$here/$name/packages" ]; then
    with_packages "$name"
    from=dcloud.local/build/$name:packages
  fi
  for image in "${todo[@]}"; do tags+=(-t "$image"); done
  say "$name: building ${todo[*]}"
  # The builder that every Docker has; buildx is a package of its own.
  DOCKER_BUILDKIT=0 docker build -q --network host --build-arg "BASE=$from" --label "$label=$hash" \
    "${tags[@]}" "$context" >"$work/$name.out" 2>"$work/$name.log" ||
    { tail -n 30 "$work/$name.log" >&2; die "$name: docker build failed." "see above"; }
  if [ "$from" != "$base" ]; then docker rmi -f "$from" >/dev/null 2>&1 || true; fi
}

list=
while getopts 'H:flh' option; do
  case $option in
    H) case $OPTARG in *://*) export DOCKER_HOST=$OPTARG ;; *) export DOCKER_HOST=unix://$OPTARG ;; esac ;;
    f) force=1 ;;
    l) list=1 ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))

if [ -n "$list" ]; then
  for name in $(recipes); do
    for image in $(names "$name"); do printf '%s\t%s\n' "$name" "$image"; done
  done
  exit 0
fi
[ $# -gt 0 ] || { usage >&2; exit 2; }
need docker docker.io
docker version >/dev/null 2>&1 || die "Docker does not answer." "start it: systemctl start docker, or name its socket with -H"

# Two runs at once would bootstrap and tag twice.
mkdir -p "$cache"
exec 9>"$cache/lock"
flock -n 9 || { say "another build is running; waiting for it"; flock 9; }

# What a run that was killed left: nobody else builds now. (--one-file-system: debootstrap
# may have left /proc mounted.)
rm -rf --one-file-system "$cache"/work.* "$cache"/debian-*.tar.[0-9]* 2>/dev/null || true
mapfile -t boxes < <(docker ps --all --quiet --filter name=^/dcloud-build-)
for box in "${boxes[@]}"; do docker rm -f "$box" >/dev/null 2>&1 || true; done

work=$(mktemp -d "$cache/work.XXXXXX")
boxes=()
clean() {
  local box
  for box in "${boxes[@]}"; do docker rm -f "$box" >/dev/null 2>&1 || true; done
  rm -rf --one-file-system "$work"
}
trap clean EXIT

if [ "$1" = all ]; then mapfile -t all < <(recipes); set -- "${all[@]}"; fi
for name; do build "$name"; done
