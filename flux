#!/bin/sh
# Runs the flux command line on the project's own Node, from the bundle of its sources or from the sources themselves
# (apps/flux/start.cjs); installs dependencies on first use.
# Starts few programs itself: each costs about as much as all that flux loads to print its version.
self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
case $self in */*) root=${self%/*} ;; *) root=. ;; esac
case $(uname -sm) in
  'Darwin arm64') platform=darwin-arm64 ;;
  'Darwin '*) platform=darwin-x64 ;;
  'Linux aarch64' | 'Linux arm64') platform=linux-arm64 ;;
  *) platform=linux-x64 ;;
esac
node="$root/node_modules/node-$platform/bin/node"
if [ -x "$node" ] && [ -e "$root/node_modules/.installed-lock" ]; then
  exec "$node" --disable-warning=ExperimentalWarning "$root/apps/flux/start.cjs" "$@"
fi
exec node "$root/tools/run.mjs" apps/flux/start.cjs "$@"
