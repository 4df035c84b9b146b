#!/usr/bin/env bash
# Gets what the project's builds need and the machine does not have. See --help.
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
    cat <<EOF
Gets what the builds need: a Rust toolchain with the compiler's sources, a linker for PolkaVM, cargo-contract.
Safe to run again: it does nothing when all is there. The other scripts call it.

Usage: scripts/setup.sh [--with-test-tools]

  --with-test-tools  get cargo-deny as well

Environment:
  RINGFENCE_HOME       tools [default: ~/.local/share/ringfence]
  RINGFENCE_CACHE      build output [default: ~/.cache/ringfence]
  RINGFENCE_TOOLCHAIN  rustup or debian: take the contract toolchain only from there

Example:
  scripts/setup.sh
EOF
}

main() {
    local test_tools=no
    for argument in "$@"; do
        case $argument in
        --with-test-tools) test_tools=yes ;;
        -h | --help) usage && exit 0 ;;
        *) die "unknown argument $argument" "scripts/setup.sh --help" ;;
        esac
    done

    check_host_rust
    find_contract_toolchain || get_contract_toolchain
    find_linker || get_linker
    has_cargo_contract || install_tool cargo-contract "$CARGO_CONTRACT_VERSION" has_cargo_contract 6
    [ "$test_tools" = no ] || has_cargo_deny || install_tool cargo-deny "$CARGO_DENY_VERSION" has_cargo_deny 4
}

# The toolchain for everything that runs on this machine: whatever cargo is on PATH, if new enough.
check_host_rust() {
    local version
    have cc || die "no C compiler: Rust links with one" "apt-get install build-essential"
    have cargo || die "no cargo on PATH" "install rustup from https://rustup.rs, then run this again"
    version=$(rustc --version 2>&1) || die "rustc does not run: $version" "rustup default stable"
    [ "$(rust_minor rustc)" -ge "$MIN_RUST_MINOR" ] ||
        die "$version is too old: the workspace needs 1.$MIN_RUST_MINOR" "rustup update stable"
}

get_contract_toolchain() {
    case ${RINGFENCE_TOOLCHAIN:-any} in
    any) try_rustup || try_debian || no_toolchain ;;
    rustup) try_rustup || no_toolchain ;;
    debian) try_debian || no_toolchain ;;
    esac
}

try_rustup() {
    have rustup || return 1
    timed "rustup: Rust $CONTRACT_RUST with its sources (about 30 s)" rustup_install || true
    find_rustup_toolchain
}

rustup_install() {
    rustup toolchain install "$CONTRACT_RUST" --profile minimal --component rust-src --no-self-update >&2 ||
        say "    rustup cannot download here"
}

try_debian() {
    have apt-get || return 1
    timed "Debian: rustc-web, cargo-web, rust-web-src (about 1 min)" \
        apt_install rustc-web cargo-web rust-web-src || true
    find_debian_toolchain
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 || say "    apt-get update failed; going on"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >&2 ||
        say "    apt-get could not install $*"
}

no_toolchain() {
    die "no Rust $CONTRACT_RUST with sources: neither rustup nor Debian's packages gave one" \
        "rustup toolchain install $CONTRACT_RUST --profile minimal --component rust-src"
}

# Debian names its linkers after their LLVM; the generic driver answers to `rust-lld`.
get_linker() {
    local llvm driver
    llvm=$(compiler_llvm)
    driver=/usr/lib/llvm-$llvm/bin/lld
    if [ ! -x "$driver" ] && have apt-get; then
        timed "Debian: lld-$llvm, the linker for PolkaVM (about 30 s)" apt_install "lld-$llvm"
    fi
    [ -x "$driver" ] || die "no rust-lld for LLVM $llvm" "apt-get install lld-$llvm (or install any rustup toolchain)"
    mkdir -p "$TOOLS/linker"
    ln -sf "$driver" "$TOOLS/linker/rust-lld"
    find_linker || die "$driver is no linker for LLVM $llvm" "apt-get install --reinstall lld-$llvm"
}

install_tool() {
    local name=$1 version=$2 check=$3 minutes=$4
    timed "$name $version (about $minutes min, once per machine)" \
        cargo_install "$name" "$version" ||
        die "$name $version did not build" "cargo install --locked --root '$TOOLS' --version $version $name"
    "$check" || die "$name $version is installed but not found on PATH" "look into $TOOLS/bin"
}

# Away from the workspace: its .cargo/config.toml is not meant for tools.
cargo_install() {
    (cd / && env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$TOOLS" --version "$2" "$1") >&2
}

main "$@"
