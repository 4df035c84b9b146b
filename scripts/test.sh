#!/usr/bin/env bash
# Runs every check of the project, cheap ones first. See --help.
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Names are what --only takes; each is a function check_NAME below.
STEPS=(setup scripts fmt deny build clippy test demo)

usage() {
    cat <<EOF
Runs every check of the project and stops at the first that fails.

  setup    tools                          scripts/setup.sh --with-test-tools
  scripts  the shell scripts parse        bash -n, and shellcheck where it is installed
  fmt      formatting                     cargo fmt --all --check
  deny     licences, sources, advisories  cargo deny check
  build    contracts and build gates      scripts/build.sh
  clippy   lints, warnings denied         cargo clippy --workspace --all-targets --release
  test     unit, property, chain tests    cargo test --workspace --release
  demo     the main job, end to end       scripts/demo.sh --quiet

Usage: scripts/test.sh [--only STEP] [--from STEP] [--list]

  --only STEP  that step alone
  --from STEP  that step and those after it
  --list       names of the steps

Examples:
  scripts/test.sh
  scripts/test.sh --only clippy
  scripts/test.sh --from test
EOF
}

main() {
    local steps=("${STEPS[@]}") step begin=$SECONDS
    while [ $# -gt 0 ]; do
        case $1 in
        --only) known "${2:-}" && steps=("$2") && shift ;;
        --from) known "${2:-}" && mapfile -t steps < <(steps_from "$2") && shift ;;
        --list) printf '%s\n' "${STEPS[@]}" && exit 0 ;;
        -h | --help) usage && exit 0 ;;
        *) die "unknown argument $1" "scripts/test.sh --help" ;;
        esac
        shift
    done

    cd -- "$ROOT" || exit 1
    for step in "${steps[@]}"; do
        perform "$step"
    done
    say "all checks passed in $((SECONDS - begin)) s: ${steps[*]}"
}

known() {
    case " ${STEPS[*]} " in
    *" $1 "*) ;;
    *) die "there is no step '$1'" "choose from: ${STEPS[*]}" ;;
    esac
}

steps_from() { printf '%s\n' "${STEPS[@]}" | sed -n "/^$1\$/,\$p"; }

# A step runs in a shell of its own, where `set -e` holds.
perform() {
    local step=$1 begin=$SECONDS
    step "[$step]"
    if ! "$BASH" "$ROOT/scripts/test.sh" --step "$step" </dev/null; then
        die "step $step failed after $((SECONDS - begin)) s" "scripts/test.sh --only $step"
    fi
    say "    [$step] passed in $((SECONDS - begin)) s"
}

check_setup() { scripts/setup.sh --with-test-tools; }

check_scripts() {
    local script
    for script in scripts/*.sh .ci/run; do
        "$BASH" -n "$script"
    done
    if have shellcheck; then
        shellcheck --external-sources scripts/*.sh .ci/run
    else
        say "    shellcheck is not installed: only parsed (apt-get install shellcheck)"
    fi
}

check_fmt() { cargo fmt --all --check; }

# The advisory database is on GitHub. Where that cannot be reached, and no copy is on the machine, the other checks
# still run, and it is said that this one did not.
check_deny() {
    cargo deny check bans licenses sources
    if advisory_database; then
        cargo deny check advisories
    elif compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*" >/dev/null; then
        say "    GitHub cannot be reached: advisories from the copy on this machine"
        cargo deny --offline check advisories
    else
        say "    NOT CHECKED: advisories. GitHub cannot be reached and this machine has no copy of the database."
    fi
}

advisory_database() {
    have git && GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --quiet https://github.com/rustsec/advisory-db HEAD >/dev/null 2>&1
}

check_build() { scripts/build.sh; }

check_clippy() { cargo clippy --workspace --all-targets --release -- -D warnings; }

# The tests run the blobs.
check_test() {
    scripts/build.sh --quiet
    cargo test --workspace --release
}

check_demo() { scripts/demo.sh --quiet; }

if [ "${1:-}" = --step ]; then
    cd -- "$ROOT" || exit 1
    "check_$2"
else
    main "$@"
fi
