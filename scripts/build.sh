#!/usr/bin/env bash
# Builds the contracts and holds them against the build gates. See --help.
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Raise when the way contracts are built changes, so that nothing cached is used again.
RECIPE=1

usage() {
    cat <<EOF
Builds every contract for PolkaVM and checks imports, blob size and storage sizes (the build gates).
A contract whose inputs are unchanged is not built again, on this clone or another one of this machine.

Usage: scripts/build.sh [--json] [--quiet] [--force] [CONTRACT...]

  --json    print the gates' findings as JSON on standard output
  --quiet   print nothing on standard output when all passes
  --force   build even when nothing changed
  CONTRACT  directory names, such as margin-vault [default: all]

Leaves in target/artifacts, for each contract:
  NAME.polkavm       the code
  NAME.abi.json      the Solidity ABI
  NAME.json          the Solidity metadata
  NAME.storage.json  the storage layout and its types
and build.json: toolchain, and the hash of each blob and of its inputs.

Examples:
  scripts/build.sh
  scripts/build.sh --force margin-vault
EOF
}

main() {
    local json=no quiet=no force=no names=() name
    for name in "$@"; do
        case $name in
        --json) json=yes ;;
        --quiet) quiet=yes ;;
        --force) force=yes ;;
        -h | --help) usage && exit 0 ;;
        -*) die "unknown option $name" "scripts/build.sh --help" ;;
        *) names+=("$name") ;;
        esac
    done

    "$ROOT/scripts/setup.sh"
    find_contract_toolchain || die "the toolchain that setup.sh found is gone" "scripts/setup.sh"
    find_linker || die "the linker that setup.sh found is gone" "scripts/setup.sh"
    cd -- "$ROOT" || exit 1
    [ ${#names[@]} -gt 0 ] || mapfile -t names < <(contracts)
    [ ${#names[@]} -gt 0 ] || die "no contract found in contracts/" "mark one with [package.metadata.ink-lang]"
    warn_other_toolchain

    # First of all: ordinary cargo brings Cargo.lock up to date when a manifest changed, and the contracts follow it.
    run_logged "build gates: compiling" "$ROOT/target/log/build-gates.log" \
        cargo build --release --package ringfence-gates || exit 1
    mkdir -p "$ARTIFACTS" "$RINGFENCE_CACHE/contracts" "$RINGFENCE_CACHE/artifacts"
    for name in "${names[@]}"; do
        provide "$name" "$force"
    done
    write_build_json
    gates "$json" "$quiet" "${names[@]}"
}

contracts() {
    local manifest
    for manifest in contracts/*/Cargo.toml tests/contracts/*/Cargo.toml; do
        if [ -f "$manifest" ] && grep -q '^\[package.metadata.ink-lang\]' "$manifest"; then
            basename -- "$(dirname -- "$manifest")"
        fi
    done
}

directory_of() {
    local parent
    for parent in contracts tests/contracts; do
        [ ! -f "$parent/$1/Cargo.toml" ] || { printf '%s' "$parent/$1" && return; }
    done
    die "there is no contract '$1'" "choose from: $(contracts | paste -sd ' ')"
}

warn_other_toolchain() {
    case $("$CONTRACT_RUSTC" --version) in
    "rustc $CONTRACT_RUST "*) ;;
    *) say "note: $("$CONTRACT_RUSTC" --version), not $CONTRACT_RUST: blobs may differ from the committed snapshots" ;;
    esac
}

# Makes the artifacts of a contract be in $ARTIFACTS: they are there, or in the cache, or are built.
provide() {
    local name=$1 force=$2 directory inputs cached
    directory=$(directory_of "$name")
    inputs=$(inputs_hash "$directory")
    cached=$RINGFENCE_CACHE/artifacts/$inputs
    if [ "$force" = no ] && [ "$(cat "$ARTIFACTS/$name.inputs" 2>/dev/null)" = "$inputs" ] &&
        intact "$ARTIFACTS" "$name"; then
        return
    fi
    if [ "$force" = no ] && intact "$cached" "$name"; then
        step "$name: same inputs as an earlier build, copied"
    else
        build_locked "$name" "$directory" "$cached" "$force"
    fi
    cp -- "$cached/$name".* "$ARTIFACTS/"
    printf '%s\n' "$inputs" >"$ARTIFACTS/$name.inputs"
}

# Whether the artifacts of a contract in a directory are those that were built.
intact() { [ -f "$1/$2.sha256" ] && (cd -- "$1" && sha256sum --check --status "$2.sha256"); }

# Hash of everything that can change the artifacts: sources of the contract and of the crates in contracts/ it depends
# on, the locked versions of all else, and the tools.
inputs_hash() {
    local directory=$1
    {
        printf '%s\n' "$RECIPE" "$CARGO_CONTRACT_VERSION" "$("$CONTRACT_RUSTC" -vV)"
        "$LINKER_DIR/rust-lld" -flavor gnu --version
        locked_closure "$(package_of "$directory")"
        local crates
        mapfile -t crates < <(crate_closure "$directory")
        find Cargo.toml scripts/contract-cargo.sh "${crates[@]/%//Cargo.toml}" "${crates[@]/%//src}" -type f -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d ' ' -f 1
}

package_of() { sed -n 's/^name = "\(.*\)"$/\1/p' "$1/Cargo.toml" | head -n 1; }

# The contract's directory and those of the crates in contracts/ that it names, directly or not.
crate_closure() {
    local pending=("$1") seen=' ' directory name
    while [ ${#pending[@]} -gt 0 ]; do
        directory=${pending[0]}
        pending=("${pending[@]:1}")
        [[ $seen != *" $directory "* ]] || continue
        seen+="$directory "
        printf '%s\n' "$directory"
        while read -r name; do
            [ ! -f "contracts/$name/Cargo.toml" ] || pending+=("contracts/$name")
        done < <(sed -n 's/^ringfence-\([a-z-]*\)[ .].*/\1/p' "$directory/Cargo.toml")
    done
}

# The entries of Cargo.lock that a package reaches, so that another part's new dependency does not rebuild contracts.
locked_closure() {
    awk -v start="$1" '
        /^\[\[package\]\]/ { package++ }
        package { text[package] = text[package] $0 "\n" }
        /^name = / { split($0, part, "\""); by_name[part[2]] = by_name[part[2]] " " package }
        /^ "/ { split($0, part, /[" ]+/); needs[package] = needs[package] " " part[2] }
        END {
            count = 1; queue[1] = start; queued[start] = 1
            for (i = 1; i <= count; i++) {
                versions = split(by_name[queue[i]], version, " ")
                for (v = 1; v <= versions; v++) {
                    reached[version[v]] = 1
                    names = split(needs[version[v]], name, " ")
                    for (n = 1; n <= names; n++) if (!(name[n] in queued)) { queue[++count] = name[n]; queued[name[n]] = 1 }
                }
            }
            for (p = 1; p <= package; p++) if (p in reached) printf "%s", text[p]
        }' Cargo.lock
}

# One build at a time on the machine: all clones share cargo-contract's target directory.
build_locked() {
    local name=$1 directory=$2 cached=$3 force=$4 log=$ROOT/target/log/build-$1.log
    exec 9>"$RINGFENCE_CACHE/contracts/.lock"
    flock --nonblock 9 || { say "waiting for another build of contracts on this machine" && flock 9; }
    # The one that was waited for may have built the very same.
    if [ "$force" = yes ] || ! intact "$cached" "$name"; then
        run_logged "$name: building (about 5 min for the first one on a machine, then 1)" "$log" \
            build_contract "$name" "$directory" "$cached" || exit 1
    fi
    exec 9>&-
}

build_contract() {
    local name=$1 directory=$2 cached=$3 artifact output staging
    artifact=$(package_of "$directory" | tr - _)
    output=$RINGFENCE_CACHE/contracts/ink/$artifact
    # Left by a build that failed; nobody else is building while we hold the lock.
    rm -rf -- "$RINGFENCE_CACHE"/artifacts/.building.*
    staging=$(mktemp -d "$RINGFENCE_CACHE/artifacts/.building.XXXXXX")
    # cargo-contract writes no metadata when it thinks that the code is unchanged, and cargo takes a source with an old
    # modification time for unchanged. The hash of the inputs knows better: our own crates are compiled again.
    rm -f -- "$output/$artifact".*
    rm -rf -- "$RINGFENCE_CACHE"/contracts/ink/abi/*/{,*/}release/.fingerprint/{ringfence-,metadata-gen-}*

    # Errors are returned by hand: `set -e` is off in a function whose status the caller looks at.
    (
        cd -- "$directory" || exit
        storage=$(storage_struct) || exit
        # shellcheck disable=SC2030  # Meant for this subshell alone.
        export CARGO_TARGET_DIR=$RINGFENCE_CACHE/contracts
        export CARGO=$ROOT/scripts/contract-cargo.sh RUSTC=$CONTRACT_RUSTC PATH=$LINKER_DIR:$PATH
        export RINGFENCE_CARGO=$CONTRACT_CARGO RINGFENCE_WORKSPACE=$ROOT RINGFENCE_CONTRACT=$ROOT/$directory
        export RINGFENCE_STORAGE_JSON=$staging/$name.storage.json
        export RINGFENCE_STORAGE_REF=${storage}Ref
        export RUST_BACKTRACE=0
        # What else could change the blob without changing the hash of the inputs.
        unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER INK_RUSTC_WRAPPER \
            INK_STATIC_BUFFER_SIZE CARGO_BUILD_TARGET RUSTUP_TOOLCHAIN "${!CARGO_PROFILE_@}"
        cargo-contract contract build --release
    ) || return
    cp -- "$output/$artifact.polkavm" "$staging/$name.polkavm" || return
    cp -- "$output/$artifact.abi" "$staging/$name.abi.json" || return
    cp -- "$output/$artifact.json" "$staging/$name.json" || return
    (cd -- "$staging" && sha256sum -- "$name".*.json "$name.json" "$name.polkavm" >"$name.sha256") || return
    rm -rf -- "$cached" && mv -- "$staging" "$cached"
}

# Name of the struct behind #[ink(storage)]: ink! calls the reference to the contract after it.
storage_struct() {
    local name
    name=$(sed -n '/#\[ink(storage)\]/,/struct/ s/.*struct \([A-Za-z0-9_]*\).*/\1/p' src/lib.rs)
    [ -n "$name" ] || die "no #[ink(storage)] struct in $PWD/src/lib.rs" "put the ink! module into src/lib.rs"
    printf '%s' "$name"
}

write_build_json() {
    local name separator=
    {
        printf '{\n  "rustc": "%s",\n' "$("$CONTRACT_RUSTC" --version)"
        printf '  "cargoContract": "%s",\n  "contracts": {' "$CARGO_CONTRACT_VERSION"
        for name in $(contracts); do
            [ -f "$ARTIFACTS/$name.inputs" ] || continue
            printf '%s\n    "%s": { "sha256": "%s", "inputs": "%s" }' "$separator" "$name" \
                "$(sha256sum <"$ARTIFACTS/$name.polkavm" | cut -d ' ' -f 1)" "$(cat "$ARTIFACTS/$name.inputs")"
            separator=,
        done
        printf '\n  }\n}\n'
    } >"$ARTIFACTS/build.json.new"
    mv -- "$ARTIFACTS/build.json.new" "$ARTIFACTS/build.json"
}

gates() {
    local json=$1 quiet=$2 findings status=0 options=(--artifacts "$ARTIFACTS")
    shift 2
    [ "$json" = no ] || options+=(--json)
    # shellcheck disable=SC2031  # The subshell that sets its own is done.
    findings=$("$CARGO_TARGET_DIR/release/ringfence-gates" "${options[@]}" "$@") || status=$?
    if [ "$status" -ne 0 ] || [ "$quiet" = no ]; then
        printf '%s\n' "$findings"
    fi
    [ "$status" -eq 0 ] || die "a build gate fails" "read the lines above"
}

main "$@"
