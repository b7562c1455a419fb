#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# elsewhere.sh DIR, of O=DIR: what is built goes to DIR/build, to which build/ is then a link, so
# that everything finds it where it always is. Says what is wrong, and nothing where all is well.
O=$1
if [ -z "$O" ]; then
	echo "O= is empty: give it a directory, or leave it out"
elif [ -e build ] && [ ! -L build ]; then
	echo "O=$O: there is a directory build/ already: make clean removes it"
elif ! mkdir -p -- "$O/build" 2>/dev/null || ! [ -w "$O/build" ]; then
	echo "O=$O: no directory can be made there"
else
	ln -sfn -- "$(realpath -- "$O")/build" build
fi
