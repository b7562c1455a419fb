# SPDX-License-Identifier: GPL-2.0-only
"""This host: how many cores are ours, how busy they are, what it is."""
import os
import platform
import time


def host_cores():
    """Cores this process may use: how many vCPUs can truly race."""
    return max(1, len(os.sched_getaffinity(0)))


def host_busy(secs=0.25):
    """Share of the host's cores that others use now, or None. Rates fall when the host is busy."""
    def read():
        with open("/proc/stat", encoding="ascii") as f:
            fields = [int(x) for x in f.readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]
    try:
        total, idle = read()
        time.sleep(secs)
        total2, idle2 = read()
    except (OSError, ValueError, IndexError):
        return None
    return round(1 - (idle2 - idle) / (total2 - total), 2) if total2 > total else None


def host_entry(busy=None):
    """The host: what a rate depends on besides the machine."""
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
            for line in f:
                if line.startswith(("model name", "cpu\t", "uarch")):
                    model = line.partition(":")[2].strip()
                    break
    except OSError:
        pass
    return {"machine": platform.machine(), "cpu": model,
            "cores": len(os.sched_getaffinity(0)), "busy_share": busy}
