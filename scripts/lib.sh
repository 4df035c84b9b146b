# shellcheck shell=bash
# shellcheck disable=SC2034  # Others read these variables.
# Sourced by the other scripts: names, messages and the environment that the builds need. Does nothing by itself.

set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
ARTIFACTS=$ROOT/target/artifacts

# What is pinned. Cargo.lock pins the rest.
CONTRACT_RUST=1.96.0
CARGO_CONTRACT_VERSION=6.0.0-beta.2
CARGO_DENY_VERSION=0.20.2
# Cargo.toml's rust-version: older compilers refuse the workspace.
MIN_RUST_MINOR=95

# Outside of the clone, shared by every clone on the machine: tools that cost minutes to build, and build output.
RINGFENCE_HOME=${RINGFENCE_HOME:-$HOME/.local/share/ringfence}
RINGFENCE_CACHE=${RINGFENCE_CACHE:-$HOME/.cache/ringfence}
TOOLS=$RINGFENCE_HOME/tools

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$RINGFENCE_CACHE/target}
# Rust 1.95 and later read target specifications in JSON only on request.
export CARGO_UNSTABLE_JSON_TARGET_SPEC=true
export PATH=$TOOLS/bin:$PATH

# Messages go to standard error: standard output belongs to results.
say() { printf '%s\n' "$*" >&2; }
step() { printf '==> %s\n' "$*" >&2; }

# die WHAT NEXT: what is wrong, and the one thing to do about it.
die() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '  next: %s\n' "$2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# timed WHAT COMMAND...: says what happens, then how long it took.
timed() {
    local what=$1 begin=$SECONDS
    shift
    step "$what"
    "$@"
    say "    done in $((SECONDS - begin)) s"
}

# Runs a command as root; without a terminal sudo must not ask.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        return 1
    fi
}

# Contract toolchain: contracts are compiled with -Zbuild-std, so the compiler's sources must be there, in the same
# version for everybody: rustup's 1.96.0 and Debian's rustc-web 1.96.0 give the same blobs. Debian may move on to a
# later version; that builds too, and build.sh says that its blobs may differ.
# Sets CONTRACT_RUSTC and CONTRACT_CARGO; fails when there is no such toolchain yet.
find_contract_toolchain() {
    case ${RINGFENCE_TOOLCHAIN:-any} in
    any) find_rustup_toolchain || find_debian_toolchain ;;
    rustup) find_rustup_toolchain ;;
    debian) find_debian_toolchain ;;
    *) die "RINGFENCE_TOOLCHAIN is '$RINGFENCE_TOOLCHAIN'" "set it to rustup or debian, or unset it" ;;
    esac
}

find_rustup_toolchain() {
    local host sysroot
    host=$(uname -m)-unknown-linux-gnu
    sysroot=${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$CONTRACT_RUST-$host
    use_toolchain "$sysroot"
}

find_debian_toolchain() { use_toolchain /usr; }

use_toolchain() {
    local sysroot=$1
    [ -x "$sysroot/bin/rustc" ] && [ -x "$sysroot/bin/cargo" ] || return 1
    [ -f "$sysroot/lib/rustlib/src/rust/library/core/src/lib.rs" ] || return 1
    [ "$(rust_minor "$sysroot/bin/rustc")" -ge "$MIN_RUST_MINOR" ] || return 1
    CONTRACT_RUSTC=$sysroot/bin/rustc
    CONTRACT_CARGO=$sysroot/bin/cargo
}

# rust_minor RUSTC: 96 for Rust 1.96.0; 0 when it does not run.
rust_minor() {
    local version
    version=$("$1" --version 2>/dev/null) || version=
    [[ $version =~ ^rustc\ 1\.([0-9]+)\. ]] && printf '%s' "${BASH_REMATCH[1]}" || printf 0
}

# Linker: `rust-lld` of any rustup toolchain, or Debian's lld under that name in the tools directory. Its LLVM must be
# that of the compiler: it links LLVM bitcode. Sets LINKER_DIR.
find_linker() {
    local rustlib directory
    rustlib=lib/rustlib/$(uname -m)-unknown-linux-gnu/bin
    for directory in "${CONTRACT_RUSTC%/bin/rustc}/$rustlib" "$TOOLS/linker" \
        "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/*/"$rustlib"; do
        [ -x "$directory/rust-lld" ] || continue
        [ "$(linker_llvm "$directory/rust-lld")" = "$(compiler_llvm)" ] || continue
        LINKER_DIR=$directory
        return 0
    done
    return 1
}

compiler_llvm() { "$CONTRACT_RUSTC" -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }
linker_llvm() { "$1" -flavor gnu --version 2>/dev/null | sed -n 's/.*LLD \([0-9]*\).*/\1/p'; }

has_cargo_contract() {
    case $(cargo-contract contract --version 2>/dev/null) in
    "cargo-contract-contract $CARGO_CONTRACT_VERSION-"*) ;;
    *) return 1 ;;
    esac
}

has_cargo_deny() { [ "$(cargo-deny --version 2>/dev/null)" = "cargo-deny $CARGO_DENY_VERSION" ]; }

# run_logged WHAT LOG COMMAND...: keeps a long command's chatter in LOG, shows that it is alive, and on failure shows
# how LOG ends and where it is.
run_logged() {
    local what=$1 log=$2 begin=$SECONDS status=0 pid
    shift 2
    mkdir -p -- "$(dirname -- "$log")"
    step "$what"
    # A process group of its own, so that an interrupted script leaves no compiler behind.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    # shellcheck disable=SC2064  # This pid, not a later one.
    trap "kill -- -$pid 2>/dev/null || true" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    watch_log "$pid" "$log" "$begin"
    wait "$pid" || status=$?
    trap - EXIT INT TERM
    if [ "$status" -ne 0 ]; then
        say "--- end of $log"
        tail -n 40 -- "$log" | plain >&2
        say "---"
        say "error: failed after $((SECONDS - begin)) s: $what"
        say "  next: read $log"
        return "$status"
    fi
    say "    done in $((SECONDS - begin)) s"
}

# On a terminal: a line that changes every second. Elsewhere: a line a minute.
watch_log() {
    local pid=$1 log=$2 begin=$3 ticks=0 elapsed
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        ticks=$((ticks + 1))
        elapsed=$((SECONDS - begin))
        if [ -t 2 ]; then
            [ $((ticks % 5)) -ne 0 ] || printf '\r\033[K    %d s  %s' "$elapsed" "$(last_line "$log")" >&2
        elif [ $((ticks % 300)) -eq 0 ]; then
            say "    $elapsed s  $(last_line "$log")"
        fi
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# Without colours.
plain() { sed 's/\x1b\[[0-9;]*[A-Za-z]//g'; }
last_line() { tail -n 1 -- "$1" | plain | tr -d '\r' | sed 's/^ *//' | cut -c 1-90; }
