#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs what the build and the tests need, from Debian's own packages and only what is missing.
# All there: silent and instant. Not allowed to install: prints the one command, exits with 2.
# LLVM=1 adds clang and lld; OFFLINE=1 never installs.

# Where Debian puts Python modules (a test sets another place).
pylib=${FENCEPOST_PYLIB:-/usr/lib/python3/dist-packages}

# package=what shows that it is there: a command, or a Python module after "py:"
needs="
	make=make git=git gcc=gcc binutils=ld libc6-dev=@libc
	gcc-x86-64-linux-gnu=@x86
	gcc-aarch64-linux-gnu=aarch64-linux-gnu-gcc
	gcc-riscv64-linux-gnu=riscv64-linux-gnu-gcc
	gcc-powerpc64-linux-gnu=powerpc64-linux-gnu-gcc
	qemu-system-x86=qemu-system-x86_64
	qemu-system-arm=qemu-system-aarch64
	@riscv=qemu-system-riscv64
	qemu-system-ppc=qemu-system-ppc64
	device-tree-compiler=dtc
	clang-format=clang-format
	python3=/usr/bin/python3 python3-rich=py:rich python3-pytest=py:pytest
"
[ "${LLVM:-0}" != 0 ] && needs="$needs clang=clang lld=ld.lld llvm=llvm-objcopy"

# The x86_64 port uses the plain gcc on an x86_64 host, and a cross compiler elsewhere.
have() {
	case $1 in
	@x86)	[ "$HOSTTYPE" = x86_64 ] || command -v x86_64-linux-gnu-gcc >/dev/null ;;
	@libc)	[ -e "${FENCEPOST_INCLUDE:-/usr/include}/stdio.h" ] ;;
	py:*)	[ -e "$pylib/${1#py:}" ] || [ -e "$pylib/${1#py:}.py" ] ;;
	*)	command -v "$1" >/dev/null ;;
	esac
}

missing=()
for need in $needs; do
	have "${need#*=}" || missing+=("${need%%=*}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
	echo "deps: not a Debian system (no apt-get). Install what these Debian packages hold:" >&2
	echo "	${missing[*]/@riscv/qemu-system-misc}" >&2
	exit 2
fi

# Newer Debians keep the RISC-V machines in a package of their own.
for i in "${!missing[@]}"; do
	[ "${missing[i]}" = @riscv ] || continue
	missing[i]=qemu-system-misc
	if apt-cache show qemu-system-riscv >/dev/null 2>&1; then
		missing[i]=qemu-system-riscv
	fi
done

install=(apt-get install -y --no-install-recommends "${missing[@]}")
give_up() {
	echo "deps: $1. Run this as root, then try again:" >&2
	echo "	apt-get update && ${install[*]}" >&2
	exit 2
}

[ -n "$OFFLINE" ] && give_up "OFFLINE is set and these packages are missing: ${missing[*]}"
if [ "${FENCEPOST_UID:-$EUID}" -eq 0 ]; then
	as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root=(sudo -n env)
else
	give_up "these packages are missing, and only root may install them: ${missing[*]}"
fi

echo "deps: installing ${missing[*]}"
quiet() {
	local log
	if ! log=$("${as_root[@]}" DEBIAN_FRONTEND=noninteractive "$@" 2>&1); then
		echo "$log" | grep -E '^(E|Err|W):?' >&2 || echo "$log" | tail -n 5 >&2
		return 1
	fi
}
quiet apt-get -q update || echo "deps: apt-get update failed (no network?); trying without" >&2
quiet "${install[@]}" || give_up "apt-get could not install ${missing[*]}"

for need in $needs; do
	have "${need#*=}" || give_up "${need%%=*} was installed, but ${need#*=} is still not there"
done
echo "deps: done"
