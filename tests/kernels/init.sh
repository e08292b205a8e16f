#!/bin/sh
# What an emulated machine starts with, on its first disk. On the second: the project, the programs that are
# traced, and what is to be run. Says last how that ended, then switches the machine off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export SPANHOOK_CACHE=/project/cache SPANHOOK_REQUIRE_EBPF=1 SPANHOOK_PATIENCE=10 PYTHONPATH=/packages
mount -t proc proc /proc 2>/dev/null # the first disk may have mounted some of them already
mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
for folder in /tmp /run /dev/shm; do mount -t tmpfs tmp $folder; done
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t tracefs trace /sys/kernel/tracing
ip link set lo up
mount /dev/vdb /project && cd /project/tree && sh ../command
echo "spanhook: ended with $?"
echo o >/proc/sysrq-trigger
sleep 60
