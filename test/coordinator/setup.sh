#!/bin/sh
# Installs what the tests of the coordinator need on Debian or Ubuntu, as root: PostgreSQL without a cluster of its own.
set -eu
[ -z "$(find /usr/lib/postgresql -name initdb 2>/dev/null)" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends postgresql-common
# The tests start clusters of their own; one that the package makes would only lie there.
sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
apt-get install -y -q --no-install-recommends postgresql
