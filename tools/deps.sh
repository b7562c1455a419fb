#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs what the build and the tests need, from Debian's own packages and only what is missing.
# Arguments: files of boards/ whose firmware and tools are needed, too.
# All there: silent and instant. Not allowed to install: prints the one command, exits with 2.
# ONLY='isa isa' leaves out what building and running those ISAs does not need; FOR=tests adds what
# the project's own tests take, FOR=debug the debugger, FOR=report what makes the HTML page,
# FOR=litmus what reads litmus files, FOR=fuzz the fuzzer; LLVM=1 adds clang and lld;
# CROSS_COMPILE= is a compiler of the user's. OFFLINE=1 never installs.

# Where Debian puts Python modules (a test sets another place).
pylib=${FENCEPOST_PYLIB:-/usr/lib/python3/dist-packages}

# The list "packages" of an isa.toml or a file of boards/, a line each, without the cross compiler
# where this host's own will do. Read by the shell alone: there may be no Python yet.
isa_needs() {
	local line need host_gcc=
	while IFS= read -r line; do
		[[ $line =~ ^host_gcc\ =\ \"(.*)\"$ ]] && host_gcc=${BASH_REMATCH[1]}
		[[ $line =~ ^$'\t'\"([a-z0-9.+|-]+=[^\",[:blank:]]+)\",$ ]] || continue
		need=${BASH_REMATCH[1]}
		[[ $HOSTTYPE == "$host_gcc" && $need == gcc-* ]] && need="gcc=gcc binutils=ld"
		[[ -n $CROSS_COMPILE && $need == *gcc* ]] && continue
		echo "$need"
	done <"$1"
}

# What makes a medium (tools/fp/images/media.py), by its name.
medium_needs() {
	case $1 in
	card|gpt-card)
		echo dosfstools=/usr/sbin/mkfs.vfat mtools=mcopy fdisk=/usr/sbin/sfdisk
		echo u-boot-tools=mkimage gdisk=/usr/sbin/sgdisk ;;
	grub-disk)
		echo grub-common=grub-mkrescue xorriso=xorriso mtools=mformat ;;
	esac
}

# What a file of boards/ asks for: its list "packages", as an ISA's, and its medium; and of a board
# what listens to it. The firmware of a machine that older QEMUs lack is in newer releases alone:
# "?", and left out where apt does not know it.
board_needs() {
	local line need optional=
	grep -q '^qemu_since' "$1" && optional='?'
	for need in $(isa_needs "$1"); do
		echo "$optional$need"
	done
	while IFS= read -r line; do
		[[ $line =~ ^medium\ =\ \"(.*)\"$ ]] && medium_needs "${BASH_REMATCH[1]}"
		[[ $line == "console = "* ]] && echo python3-serial=py:serial
	done <"$1"
}

# package=what shows that it is there: a command, a file by its path, or a Python module after
# "py:"; a * in a command stands for anything. one|other=...: the first that this release of Debian
# has for this host. ?package=...: only if it has it.
needs="make=make git=git device-tree-compiler=dtc python3=/usr/bin/python3 python3-rich=py:rich"
[[ $FOR == *tests* ]] && needs="$needs
	gcc=gcc binutils=ld libc6-dev=@libc clang-format=clang-format
	python3-pytest=py:pytest python3-serial=py:serial python3-jsonschema=py:jsonschema
	qemu-user-static=qemu-ppc64*
"
[[ $FOR == *report* || $FOR == *tests* ]] && needs="$needs
	python3-jinja2=py:jinja2 python3-markdown=py:markdown
"
[[ $FOR == *litmus* || $FOR == *tests* ]] && needs="$needs
	python3-lark=py:lark python3-pycparser=py:pycparser
"
[[ $FOR == *tests* || $FOR == *campaign* ]] && needs="$needs parallel=parallel rsync=rsync"
[[ $FOR == *debug* ]] && needs="$needs gdb-multiarch=gdb-multiarch"
for isa in ${ONLY:-'*'}; do
	for file in "${BASH_SOURCE[0]%/*}"/../arch/$isa/isa.toml; do
		needs="$needs $(isa_needs "$file")"
	done
done
for file; do
	needs="$needs $(board_needs "$file")"
done
[[ $FOR == *fuzz* ]] && needs="$needs clang=clang libclang-rt-dev=@fuzzer"
[ "${LLVM:-0}" != 0 ] && needs="$needs clang=clang lld=ld.lld llvm=llvm-objcopy"

have() {
	case $1 in
	@libc)	[ -e "${FENCEPOST_INCLUDE:-/usr/include}/stdio.h" ] ;;
	@fuzzer) [ -e "$(clang -print-file-name="libclang_rt.fuzzer-$HOSTTYPE.a" 2>/dev/null)" ] ;;
	/*)	[ -e "$1" ] ;;
	*"*"*)	[ -n "$(compgen -c -X "!$1")" ] ;;
	py:*)	[ -e "$pylib/${1#py:}" ] || [ -e "$pylib/${1#py:}.py" ] ;;
	*)	command -v "$1" >/dev/null ;;
	esac
}

missing=()
for need in $needs; do
	[[ " ${missing[*]} " == *" ${need%%=*} "* ]] && continue
	have "${need#*=}" || missing+=("${need%%=*}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
	echo "deps: not a Debian system (no apt-get). Install what these Debian packages hold:" >&2
	echo "	${missing[*]}" >&2
	exit 2
fi

known() {
	apt-cache show "$1" >/dev/null 2>&1
}

# The first of several names that apt knows, or the last; none of those that need not be there.
for i in "${!missing[@]}"; do
	while [[ ${missing[i]} == *"|"* ]]; do
		if known "${missing[i]%%|*}"; then
			missing[i]=${missing[i]%%|*}
		else
			missing[i]=${missing[i]#*|}
		fi
	done
	[[ ${missing[i]} != "?"* ]] && continue
	if known "${missing[i]#"?"}"; then
		missing[i]=${missing[i]#"?"}
	else
		unset "missing[i]"
	fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

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
	[[ $need == "?"* ]] && continue
	have "${need#*=}" || give_up "${need%%=*} was installed, but ${need#*=} is still not there"
done
echo "deps: done"
