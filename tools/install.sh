#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `make install`: the tool, boards, the images that are built, what of the sources the tool reads;
# into PREFIX/lib/fencepost (PREFIX: /usr/local; all under DESTDIR), a command in bin, a man page,
# completion for bash. Results go to results/ where the user stands, or where --output says.
set -e
cd "$(dirname "$0")/.."
to=$DESTDIR${PREFIX:-/usr/local}
lib=$to/lib/fencepost

shopt -s nullglob
images=(build/*/fencepost.elf)
[ ${#images[@]} -gt 0 ] || { echo "install: nothing is built: make all" >&2; exit 2; }

rm -rf "$lib"/{tools,boards,build,arch,lib,drivers,kernel,mm,tests,docs}
mkdir -p "$lib" "$to/bin" "$to/share/man/man1" "$to/share/bash-completion/completions"
cp -r --parents tools/fencepost tools/fp tools/campaign_job.sh boards arch/*/{isa.toml,arch.mk} \
	kernel/*/build.mk tests/rmap/variants tests/litmus/*.{tsv,toml,py} \
	tests/translation/{shapes.tsv,sources.tsv,gen.py} docs/thread.md "$lib"
# Where boot options are declared (tools/fp/images/boot_options.py).
grep -rl --include='*.c' '^OPTION' lib drivers kernel mm tests arch | xargs -d '\n' \
	cp --parents -t "$lib"
for image in build/*/{fencepost*.elf,Image,fencepost.bin,fencepost.efi,*.dtb}; do
	cp --parents "$image" "$lib"
done
find "$lib" -name __pycache__ -prune -exec rm -rf {} +
git describe --tags --always --dirty >"$lib/VERSION" 2>/dev/null || echo unknown >"$lib/VERSION"
ln -sfn ../lib/fencepost/tools/fencepost "$to/bin/fencepost"
tools/fencepost paper man >"$to/share/man/man1/fencepost.1"
tools/fencepost paper bash >"$to/share/bash-completion/completions/fencepost"
echo "installed: $to/bin/fencepost"
