#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs `make compare` and `make check` of a clean clone on another Debian release: in a chroot that
# debootstrap makes from this machine's own mirror, with the compilers, QEMU and Python of that
# release.
#
#	tools/other_debian.sh SUITE DIR		trixie build/long/trixie
#
# DIR is kept: a second run only renews the packages and the clone. It has mounts only as long as
# this runs, in a namespace that ends with it. Exit status: 0 passed, 1 failed, 2 wrong use, 77 if
# it could not be tried here; the last line says why.

suite=$1
dir=$2
top=$(cd "$(dirname "$0")/.." && pwd)
mirror_default=http://deb.debian.org/debian

if [ $# -ne 2 ]; then
	echo "usage: $0 SUITE DIR" >&2
	exit 2
fi

skip() {
	echo "other_debian: $1"
	exit 77
}

fail() {
	echo "other_debian: $1"
	exit 1
}

# A mirror that apt uses here for the release's main archive.
mirror() {
	local uri
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		'Label: Debian' 2>/dev/null | head -n 1)
	uri=${uri:-$mirror_default}
	echo "${uri%/}"
}

# What apt reaches the network by.
proxy() {
	local found
	eval "$(apt-config shell found Acquire::http::Proxy)"
	[ -n "$found" ] && [ "$found" != DIRECT ] && echo "$found"
}

# Run a command in the chroot, as root of a machine with nothing of this one's environment; the last
# thing that runs there takes all others with it.
inside() {
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child --propagation private bash -ec '
		dir=$1
		shift
		mount -t proc proc "$dir/proc"
		mount --rbind /dev "$dir/dev"
		mount --rbind /sys "$dir/sys"
		exec chroot "$dir" "$@"
	' inside "$dir" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@"
}

[ "${FENCEPOST_UID:-$EUID}" -eq 0 ] || skip "only root may make a chroot: sudo make check-long"
command -v debootstrap >/dev/null || skip "no debootstrap: apt-get install debootstrap"
[ -e "${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts/$suite" ] ||
	skip "this debootstrap does not know $suite"
unshare --mount --pid --fork true 2>/dev/null || skip "this root may not mount (a container?)"
commit=$(git -C "$top" rev-parse --short HEAD 2>/dev/null) || skip "this is no git checkout"

http_proxy=${http_proxy:-$(proxy)}
export http_proxy

mkdir -p "$dir" || fail "$dir cannot be made"
dir=$(cd "$dir" && pwd)
if [ ! -e "$dir/etc/fencepost-made" ]; then
	echo "== debootstrap of $suite"
	rm -rf --one-file-system "$dir"
	debootstrap --variant=minbase "$suite" "$dir" "$(mirror)" || fail "debootstrap failed"
	touch "$dir/etc/fencepost-made"
fi
cp -L /etc/resolv.conf "$dir/etc/resolv.conf" 2>/dev/null

echo "== a clone of $commit"
rm -rf "$dir/fencepost"
git clone -q --no-hardlinks "$top" "$dir/fencepost" || fail "git clone failed"

echo "== packages"
inside apt-get -q update || fail "apt-get update failed"
inside apt-get install -y --no-install-recommends make git gdb-multiarch ||
	fail "apt-get could not install make, git, gdb-multiarch"
inside env LLVM=1 FOR=tests bash /fencepost/tools/deps.sh || fail "tools/deps.sh failed"

echo "== make compare of $commit on $suite"
for tool in gcc clang qemu-system-x86_64 python3; do
	inside "$tool" --version | head -n 1
done
inside make -C /fencepost compare || fail "make compare of $commit failed on $suite"

echo "== make check of $commit on $suite"
inside make -C /fencepost check || fail "make check of $commit failed on $suite"
