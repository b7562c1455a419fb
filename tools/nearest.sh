#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the one of WORDS that is nearest to WORD, in letters that must be added, dropped or changed
# to make one of the other, capital or not; nothing if none is near: nearest.sh WORD WORDS...

word=${1^^}
shift
best= least=$((${#word} / 3 + 1))

# The distance of $word and $1 into $distance (Wagner and Fischer, J. ACM 21, 1974).
measure() {
	local other=${1^^} row=() above i j step
	for ((j = 0; j <= ${#other}; j++)); do
		row[j]=$j
	done
	for ((i = 1; i <= ${#word}; i++)); do
		above=("${row[@]}")
		row[0]=$i
		for ((j = 1; j <= ${#other}; j++)); do
			[[ ${word:i-1:1} == "${other:j-1:1}" ]]
			step=$((above[j - 1] + $?))
			((step > above[j] + 1)) && step=$((above[j] + 1))
			((step > row[j - 1] + 1)) && step=$((row[j - 1] + 1))
			row[j]=$step
		done
	done
	distance=${row[${#other}]}
}

for other; do
	measure "$other"
	if ((distance < least || (distance == least && ${#best} == 0))); then
		best=$other least=$distance
	fi
done
[ -n "$best" ] && echo "$best"
exit 0
