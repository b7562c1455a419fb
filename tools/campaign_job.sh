#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One job of a campaign, in the directory to which GNU parallel has brought kit.tar (the tool, the
# images) and jobs (a line each: arguments of the tool): campaign_job.sh NUMBER. What it found is
# NUMBER.tgz. It fails only if there is nothing whole to bring back, and may then be tried on
# another host; that tests fail is a result.
n=$1

unpack() {
	rm -rf tree
	mkdir tree && tar xf kit.tar -C tree && touch tree/.whole
}
{
	flock 9
	[ -e tree/.whole ] || unpack || exit 1
} 9>kit.lock

eval "job=($(sed -n "${n}p" jobs))"
rm -rf "out/$n"
mkdir -p out
read -r load _ </proc/loadavg
start=$SECONDS
tree/tools/fencepost "${job[@]}" --output "$PWD/out/$n" >"$n.txt" 2>&1 </dev/null
status=$?
if ! grep -qs '"state": "complete"' "out/$n/run.json"; then
	tail -n 3 "$n.txt" >&2
	exit 1
fi
mv "$n.txt" "out/$n/console.txt"
read -r after _ </proc/loadavg
printf '%s\n' "$(uname -n)" "$(nproc)" "$load" "$after" "$((SECONDS - start))" "$status" \
	>"out/$n/host"
tar czf "$n.tgz.part" -C out "$n" && mv "$n.tgz.part" "$n.tgz" && rm -rf "out/$n"
echo "job $n on $(uname -n): status $status, $((SECONDS - start)) s: ${job[*]}"
