#!/usr/bin/env bash
# Builds the contracts and runs the demo. See --help.
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
    cat <<EOF
Builds the contracts and carries four pairs through the crash of 10 October 2025, on a chain inside this process.
Writes target/report/index.html.

Usage: scripts/demo.sh [--quiet] [--json] [OPTION...]

  --quiet  nothing on standard output unless something is wrong
  --json   the result as JSON on standard output, and nothing else there
  OPTION   goes to the demo as it is

Examples:
  scripts/demo.sh
  scripts/demo.sh --json > result.json
EOF
}

main() {
    local argument here=$PWD
    for argument in "$@"; do
        case $argument in -h | --help) usage && demo_help && exit 0 ;; esac
    done
    announce
    cd -- "$ROOT" || exit 1
    "$ROOT/scripts/build.sh" --quiet
    run_logged "demo: compiling" "$ROOT/target/log/build-demo.log" \
        cargo build --release --package ringfence-demo || exit 1
    # Each call on the chain in the process takes a few megabytes and gives them back; glibc would return them to the system
    # every time, which takes longer than the calls.
    export MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=268435456
    # Where the caller is: file names on the command line are meant from there.
    cd -- "$here" || exit 1
    exec "$CARGO_TARGET_DIR/release/ringfence-demo" "$@"
}

# The demo's own options, when it is built already.
demo_help() { [ ! -x "$CARGO_TARGET_DIR/release/ringfence-demo" ] || "$CARGO_TARGET_DIR/release/ringfence-demo" --help; }

announce() {
    if [ -d "$ARTIFACTS" ] && [ -x "$CARGO_TARGET_DIR/release/ringfence-demo" ]; then
        say "Ringfence demo: four pairs through the crash of 10 October 2025. About a minute."
    else
        say "Ringfence demo: four pairs through the crash of 10 October 2025. First time on this machine: up to 45 minutes of set-up and build, then about a minute."
    fi
}

main "$@"
