#!/bin/sh
# Runs the flux command line from source on the project's own Node; installs dependencies on first use.
root=$(dirname "$(readlink -f "$0")")
os=$(uname -s | tr '[:upper:]' '[:lower:]')
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac
node="$root/node_modules/node-$os-$arch/bin/node"
if [ -x "$node" ] && [ -e "$root/node_modules/.installed-lock" ]; then
  NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compile}" exec "$node" --disable-warning=ExperimentalWarning "$root/apps/flux/src/main.ts" "$@"
fi
exec node "$root/tools/run.mjs" apps/flux/src/main.ts "$@"
