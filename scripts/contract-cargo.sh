#!/usr/bin/env bash
# The `cargo` that cargo-contract calls (through $CARGO) while build.sh runs it. Not for calling by hand.
#
# cargo-contract builds a copy of a contract's manifest in a temporary workspace, and loses on the way: the
# workspace's Cargo.lock (it would build with whatever versions are newest today), what the manifest inherits from
# the workspace, and the paths of workspace dependencies. This gives them back, and lets the metadata build write
# down the storage layout, which the Solidity metadata leaves out.
#
# From build.sh: RINGFENCE_CARGO, RINGFENCE_WORKSPACE, RINGFENCE_CONTRACT (its directory), RINGFENCE_STORAGE_REF,
# RINGFENCE_STORAGE_JSON.
set -euo pipefail

main() {
    case ${1:-} in
    build) case " $* " in *build-std*) build "$@" ;; esac ;;
    run) run "$@" ;;
    esac
    exec "$RINGFENCE_CARGO" "$@"
}

# On-chain code: the working directory is that of the temporary manifest.
build() {
    repair_workspace "$PWD"
    # PolkaVM loads and stores at any address. The target does not say so, and without it the compiler puts words together
    # byte by byte, and so do the copy routines of `core`.
    CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS:?set by cargo-contract}
    CARGO_ENCODED_RUSTFLAGS+=$'\x1f-Ctarget-feature=+unaligned-scalar-mem\x1f--cfg=feature="mem-unaligned"'
    export CARGO_ENCODED_RUSTFLAGS
    "$RINGFENCE_CARGO" "$@"
    refuse_unlocked "$PWD/Cargo.lock"
    exit 0
}

# Metadata: a program for this machine that runs once and prints, so it is compiled fast rather than well.
run() {
    local workspace
    workspace=$(temporary_workspace "$@")
    repair_workspace "$workspace"
    write_layout "$workspace/.ink/metadata_gen/main.rs"
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
}

temporary_workspace() {
    local argument
    for argument in "$@"; do
        case $argument in
        --manifest-path=*) dirname -- "${argument#--manifest-path=}" && return ;;
        esac
    done
    fail "cargo-contract names no manifest for its metadata build: $*"
}

repair_workspace() {
    local directory=$1
    cp -- "$RINGFENCE_WORKSPACE/Cargo.lock" "$directory/Cargo.lock"
    repair_paths "$directory/Cargo.toml"
    inherited_tables >>"$directory/Cargo.toml"
}

# Paths of workspace dependencies are relative to the workspace; cargo-contract takes them as relative to the contract.
repair_paths() {
    local manifest=$1 text wrong right
    text=$(cat -- "$manifest")
    for right in "$RINGFENCE_WORKSPACE"/contracts "$RINGFENCE_WORKSPACE"/tests; do
        wrong=$RINGFENCE_CONTRACT/${right##*/}
        text=${text//"$wrong/"/"$right/"}
    done
    printf '%s\n' "$text" >"$manifest"
}

# The workspace's tables that a member can inherit from, with absolute paths.
inherited_tables() {
    awk -v root="$RINGFENCE_WORKSPACE" '
        /^\[/ { inherited = /^\[workspace\.(package|dependencies|lints)/ }
        inherited { gsub(/path = "/, "path = \"" root "/"); print }
    ' "$RINGFENCE_WORKSPACE/Cargo.toml"
}

# A dependency that the workspace does not lock would change under us.
refuse_unlocked() {
    local unlocked
    unlocked=$(comm -13 <(locked "$RINGFENCE_WORKSPACE/Cargo.lock") <(locked "$1"))
    [ -z "$unlocked" ] || fail "built with versions that Cargo.lock does not hold: $unlocked"
}

locked() { awk -F'"' '/^name = /{name = $2} /^version = /{print name, $2}' "$1" | LC_ALL=C sort -u; }

# Adds to cargo-contract's program a few lines that write the layout of the root storage struct and its types.
write_layout() {
    local program=$1
    grep -q '^fn main() -> Result<(), std::io::Error> {$' "$program" ||
        fail "cargo-contract's metadata program is not the one of its pinned version"
    sed -i 's/^fn main() -> Result<(), std::io::Error> {$/&\n    write_storage_layout()?;/' "$program"
    cat >>"$program" <<EOF

fn write_storage_layout() -> Result<(), std::io::Error> {
    use ink::scale_info::{IntoPortable, PortableRegistry, Registry};
    type Root = <contract::$RINGFENCE_STORAGE_REF as ink::env::ContractReverseReference>::Type;
    let mut registry = Registry::new();
    let key = <Root as ink::storage::traits::StorageKey>::KEY;
    let layout = <Root as ink::storage::traits::StorageLayout>::layout(&key).into_portable(&mut registry);
    let types = serde_json::to_value(PortableRegistry::from(registry))?;
    let storage = serde_json::json!({ "layout": layout, "types": types["types"] });
    std::fs::write(std::env::var("RINGFENCE_STORAGE_JSON").expect("set by build.sh"), format!("{storage:#}\n"))
}
EOF
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

main "$@"
