#!/bin/sh
# Runs the flux command line on the project's own Node, from the bundle of its sources or from the sources themselves
# (apps/flux/start.cjs); installs dependencies on first use.
# Starts few programs itself: each costs about as much as all that flux loads to print its version.
self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
case $self in */*) root=${self%/*} ;; *) root=. ;; esac
# npm installs the one that fits this machine
for node in "$root"/node_modules/node-*/bin/node; do break; done
if [ -x "$node" ] && [ -e "$root/node_modules/.installed-lock" ]; then
  # A build is over before cleaning up what it allocated would pay, but memory set aside for that costs time to set aside.
  case ${1-} in
    build | diff) set -- --min-semi-space-size=16 "$root/apps/flux/start.cjs" "$@" ;;
    # What is dead a moment later need not lie about in the memory that a container's limit is made for.
    manager) set -- --max-semi-space-size=8 "$root/apps/flux/start.cjs" "$@" ;;
    *) set -- "$root/apps/flux/start.cjs" "$@" ;;
  esac
  exec "$node" --disable-warning=ExperimentalWarning "$@"
fi
exec node "$root/tools/run.mjs" apps/flux/start.cjs "$@"
