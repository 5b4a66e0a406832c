#!/bin/sh
# Puts moto into an environment of its own where it is not on PATH. As root on Debian it installs what that needs.
set -eu
if command -v moto_server >/dev/null; then exit 0; fi
place=${AGENTCTL_MOTO:-$HOME/.cache/agentctl-moto}
if "$place/bin/python" -c 'import moto.server' 2>/dev/null; then exit 0; fi
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3 python3-venv
fi
rm -rf "$place"
python3 -m venv "$place"
"$place/bin/pip" install --quiet 'moto[server]==5.2.1'
"$place/bin/python" -c 'import moto.server'
