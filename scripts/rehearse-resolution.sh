#!/usr/bin/env bash
# Builds the contracts and rehearses a resolution of the entity. See --help.
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
    cat <<EOF2
Builds the contracts and walks a whole resolution of the entity on a chain inside this process: 20 pairs, 3 of them in
default in the second in which it starts. Prints every party's margin out, every holder, every creditor, and in how long.

Usage: scripts/rehearse-resolution.sh [--json] [--quiet] [--pairs N] [--defaults N]

  --json      the result as JSON on standard output, and nothing else there
  --quiet     no progress of the walk on standard error
  --pairs     how many pairs, from 1 to 30 [default: 20]
  --defaults  how many of them default [default: 3]

Exit codes: 0 all as the rules promise, 1 an invariant or the build failed, 2 the command line is wrong.

Examples:
  scripts/rehearse-resolution.sh
  scripts/rehearse-resolution.sh --pairs 8 --defaults 2 --json > result.json
EOF2
}

main() {
    local argument
    for argument in "$@"; do
        case $argument in -h | --help) usage && exit 0 ;; esac
    done
    cd -- "$ROOT" || exit 1
    "$ROOT/scripts/build.sh" --quiet
    run_logged "rehearsal: compiling" "$ROOT/target/log/build-rehearsal.log" \
        cargo build --release --package ringfence-rehearsal || exit 1
    exec "$CARGO_TARGET_DIR/release/ringfence-rehearsal" "$@"
}

main "$@"
