#!/bin/sh
# Installs what the tests of the coordinator need on Debian or Ubuntu, as root: PostgreSQL without a cluster of its own.
set -eu
need="postgresql pgbouncer"
missing=
for package in $need; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The packages' own services would start servers that nobody here uses.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
# A cluster that the package makes would only lie there: the tests start their own.
apt-get install -y -q --no-install-recommends postgresql-common
sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing
