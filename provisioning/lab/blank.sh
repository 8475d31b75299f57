#!/bin/sh
# A blank Debian 12 with systemd, in which `make up` is tried as on a new machine:
# packages, units, reboots. It has a network of its own behind this machine's, and
# nothing of it outlives `rm`. Docker runs in it, and so do the engines.
#
#   provisioning/lab/blank.sh boot        make it where it is not there, and boot it
#   provisioning/lab/blank.sh run CMD…    run a command in it, as root, from /root/dcloud
#   provisioning/lab/blank.sh sh          a shell in it
#   provisioning/lab/blank.sh poweroff    end it as its power button would; its disk stays
#   provisioning/lab/blank.sh rm          end it and delete all of it
#
# Needs root, debootstrap, systemd-container, iptables and Go at $(go env GOROOT).
# The machine gets a clone of this checkout's last commit, this machine's Go with
# its caches, its certificates, and a copy of the engines that are in the cache.
# BLANK_DIR says where its disk lies. NSPAWN names another systemd-nspawn.
set -eu

dir=${BLANK_DIR:-/var/cache/dcloud/blank}
nspawn=${NSPAWN:-systemd-nspawn}
name=dcblank
bridge=dcblank0
net=192.168.213
root=$dir/root
checkout=$(cd "$(dirname "$0")/../.." && pwd)

say() { echo "blank: $*" >&2; }

# leader is the process id of its init, nothing where it does not run.
leader() {
  for child in $(children "$(cat "$dir/pid" 2>/dev/null)"); do
    [ "$(cat "/proc/$child/comm" 2>/dev/null)" != systemd-nspawn ] || children "$child" | cut -d ' ' -f 1
  done | grep .
}

children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }

# inside runs a command in it, with the environment of a fresh login. In a control
# group of its own the command is a process of that machine and not of this one.
inside() {
  init=$(leader) || { say "it does not run: $0 boot"; exit 1; }
  nsenter -t "$init" -m -u -i -n -p -C -r -w env -i TERM="${TERM:-dumb}" HOME=/root \
    PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'cd /root/dcloud 2>/dev/null || cd; exec "$@"' sh "$@"
}

make_disk() {
  [ -e "$dir/made" ] && return
  say "making $root"
  if [ ! -e "$dir/bootstrapped" ]; then
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,ca-certificates,git,make \
      bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" > "$dir/debootstrap.log"
    touch "$dir/bootstrapped"
  fi
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
  chroot "$root" update-ca-certificates > /dev/null
  echo blank > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 blank\n' > "$root/etc/hosts"
  # systemd-networkd would wait for udev, which such a machine does not have.
  cat > "$root/etc/systemd/system/host0.service" <<-END
	[Unit]
	Before=network-online.target
	Wants=network-online.target
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=ip address replace $net.2/24 dev host0
	ExecStart=ip link set host0 up
	ExecStart=ip route replace default via $net.1
	[Install]
	WantedBy=multi-user.target
	END
  # nspawn mounts version 1 control groups for reading only. A machine's own are writable.
  cat > "$root/etc/systemd/system/cgroups-writable.service" <<-'END'
	[Unit]
	DefaultDependencies=no
	Before=sysinit.target
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c 'for d in /sys/fs/cgroup/*/; do mount -o remount,bind,rw "$d"; done'
	[Install]
	WantedBy=sysinit.target
	END
  chroot "$root" systemctl --quiet enable host0 cgroups-writable
  rm -rf "$root/root/dcloud"
  git clone -q "file://$checkout" "$root/root/dcloud"
  mkdir -p "$root/var/cache/dcloud" "$root/usr/local/go" "$root/root/go/pkg/mod" "$root/root/.cache/go-build"
  cp -a /var/cache/dcloud/engines "$root/var/cache/dcloud/" 2>/dev/null || say "no engines in the cache: it will get its own"
  touch "$dir/made"
}

# The network behind which it lives: a bridge, and this machine as its router.
make_network() {
  ip link show "$bridge" > /dev/null 2>&1 || ip link add "$bridge" type bridge
  ip address replace "$net.1/24" dev "$bridge"
  ip link set "$bridge" up
  sysctl -q net.ipv4.ip_forward=1
  rules -C 2>/dev/null || rules -I
}

rules() { # Docker sets the policy of FORWARD to DROP
  iptables "$1" FORWARD -i "$bridge" -j ACCEPT &&
    iptables "$1" FORWARD -o "$bridge" -j ACCEPT &&
    iptables -t nat "$1" POSTROUTING -s "$net.0/24" ! -o "$bridge" -j MASQUERADE
}

# groups puts this shell into control groups of its own, which become the root of
# the machine's: otherwise its Nomad and Docker would meet those of this machine.
groups() {
  for hierarchy in /sys/fs/cgroup/*/; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir -p "$hierarchy$name"
    for f in cpuset.cpus cpuset.mems; do
      [ -e "$hierarchy$f" ] && cat "$hierarchy$f" > "$hierarchy$name/$f"
    done
    echo $$ > "$hierarchy$name/cgroup.procs"
  done
}

boot() {
  leader > /dev/null && return
  make_disk
  make_network
  ip link delete "vb-$name" 2>/dev/null || true # of one that was killed
  (
    [ -e /sys/fs/cgroup/cgroup.controllers ] || groups
    export SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
    again=133 # nspawn's exit code when the machine is to boot again
    while [ $again = 133 ]; do
      again=0
      setsid "$nspawn" -q -D "$root" -M "$name" -b --keep-unit --register=no --capability=all \
        --network-bridge="$bridge" --resolv-conf=replace-host --timezone=off --console=pipe --bind-ro=/sys/module \
        --bind-ro="$(go env GOROOT):/usr/local/go" --bind="$(go env GOMODCACHE):/root/go/pkg/mod" \
        --bind="$(go env GOCACHE):/root/.cache/go-build" || again=$?
    done < /dev/null > "$dir/console.log" 2>&1
  ) > /dev/null 2>&1 &
  echo $! > "$dir/pid"
  await
}

# await waits until its systemd has started what a boot starts.
await() {
  until leader > /dev/null && inside systemctl is-system-running --wait > "$dir/state" 2>&1 || grep -qs degraded "$dir/state"; do
    kill -0 "$(cat "$dir/pid")" || { tail "$dir/console.log" >&2; exit 1; }
    sleep 0.3
  done
  say "$(cat "$dir/state")"
}

poweroff() {
  pid=$(cat "$dir/pid" 2>/dev/null) && leader > /dev/null || return 0
  inside systemctl poweroff
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}

case ${1:-} in
boot) boot ;;
run) shift && inside "$@" ;;
sh) inside bash -l ;;
poweroff) poweroff ;;
rm)
  poweroff
  while rules -D 2>/dev/null; do :; done
  ip link delete "vb-$name" 2>/dev/null || true
  ip link delete "$bridge" 2>/dev/null || true
  for hierarchy in /sys/fs/cgroup/*/; do
    [ -d "$hierarchy$name" ] && find "$hierarchy$name" -depth -type d -exec rmdir {} +
  done
  rm -rf "$dir"
  ;;
*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
esac
