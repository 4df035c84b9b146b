//! Each gate is shown to fail: a gate that cannot is no gate.

use polkavm_common::{
    program::{asm, InstructionSetKind},
    writer::ProgramBlobBuilder,
};
use ringfence_gates::{check, limits, report::Report};
use std::{fs, process::Command};
use tempfile::TempDir;

/// A contract on disk that passes every gate, until a test spoils it.
struct Fixture {
    directory: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { directory: TempDir::new().expect("a scratch directory") };
        fixture.blob(&blob(&["get_storage", "seal_return"], 0, 0));
        fixture.storage(&root_of(limits::ROOT_BYTES));
        fixture
    }

    fn blob(&self, bytes: &[u8]) {
        fs::write(self.directory.path().join("probe.polkavm"), bytes).expect("written");
    }

    fn storage(&self, json: &str) {
        fs::write(self.directory.path().join("probe.storage.json"), json).expect("written");
    }

    fn report(&self) -> Report {
        check(self.directory.path(), "probe").expect("readable artifacts")
    }

    fn refused_for(&self, why: &str) {
        let report = self.report();
        assert!(!report.passes(), "{report:?}");
        assert!(report.refusals.iter().any(|refusal| refusal.contains(why)), "{report:?}");
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_ringfence-gates"))
            .arg("--artifacts")
            .arg(self.directory.path())
            .args(args)
            .output()
            .expect("the binary runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    }
}

/// A program with these imports, `data` bytes of constants and a basic block of `padding` more instructions.
fn blob(imports: &[&str], data: usize, padding: usize) -> Vec<u8> {
    let mut builder = ProgramBlobBuilder::new(InstructionSetKind::ReviveV1);
    builder.set_ro_data_size(data.try_into().expect("fits"));
    // No zeros: the writer drops those at the end.
    builder.set_ro_data(vec![1; data]);
    for import in imports {
        builder.add_import(import.as_bytes());
    }
    builder.add_export_by_basic_block(0, b"deploy");
    builder.add_export_by_basic_block(0, b"call");
    let mut code = vec![asm::move_reg(polkavm_common::program::Reg::A0, polkavm_common::program::Reg::A1); padding];
    code.push(asm::ret());
    builder.set_code(&code, &[]);
    builder.into_vec().expect("a well-formed program")
}

/// A root that holds an array of `bytes` bytes and a `Lazy` far larger than the root may be.
fn root_of(bytes: usize) -> String {
    layout(r#"{"leaf":{"key":"0x00000000","ty":1}}"#, bytes, limits::CHAIN_VALUE_BYTES)
}

/// Types: 0 is a byte, 1 an array of `root` of them, 2 one of `lazy`, 3 a `Vec` of bytes.
fn layout(field: &str, root: usize, lazy: usize) -> String {
    format!(
        r#"{{"layout":{{"struct":{{"name":"Probe","fields":[
            {{"name":"field","layout":{field}}},
            {{"name":"lazy","layout":{{"root":{{"root_key":"0x00000001","layout":{{"leaf":{{"key":"0x00000001","ty":2}}}},"ty":2}}}}}}
        ]}}}},"types":[
            {{"id":0,"type":{{"def":{{"primitive":"u8"}}}}}},
            {{"id":1,"type":{{"def":{{"array":{{"len":{root},"type":0}}}}}}}},
            {{"id":2,"type":{{"def":{{"array":{{"len":{lazy},"type":0}}}}}}}},
            {{"id":3,"type":{{"def":{{"sequence":{{"type":0}}}}}}}}
        ]}}"#
    )
}

#[test]
fn a_contract_at_every_limit_passes() {
    let fixture = Fixture::new();
    let overhead = blob(&["get_storage"], 100_000, 0).len() - 100_000;
    fixture.blob(&blob(&["get_storage"], limits::BLOB_BYTES - overhead, 0));

    let report = fixture.report();

    assert!(report.passes(), "{report:?}");
    assert_eq!(report.blob_bytes, limits::BLOB_BYTES);
    assert_eq!(report.root_bytes(), Some(limits::ROOT_BYTES));
    assert_eq!(report.imports, ["get_storage"]);
}

#[test]
fn an_import_the_chain_does_not_have_is_refused() {
    let fixture = Fixture::new();
    fixture.blob(&blob(&["get_storage", "set_code_hash"], 0, 0));
    fixture.refused_for("`set_code_hash` is no host function");
}

#[test]
fn a_renounced_import_is_refused() {
    for import in ["delegate_call", "delegate_call_evm", "terminate", "call_evm"] {
        let fixture = Fixture::new();
        fixture.blob(&blob(&[import], 0, 0));
        fixture.refused_for(&format!("`{import}` is renounced"));
    }
}

#[test]
fn an_oversize_blob_is_refused() {
    let fixture = Fixture::new();
    let overhead = blob(&["get_storage"], 100_000, 0).len() - 100_000;
    fixture.blob(&blob(&["get_storage"], limits::BLOB_BYTES - overhead + 1, 0));
    fixture.refused_for("blob of 131073 bytes is over the limit of 131072");
}

#[test]
fn an_overlong_basic_block_is_refused() {
    let fixture = Fixture::new();
    fixture.blob(&blob(&[], 0, 1000));
    fixture.refused_for("basic block of 1001 instructions");
}

#[test]
fn an_oversize_root_is_refused() {
    let fixture = Fixture::new();
    fixture.storage(&root_of(limits::ROOT_BYTES + 1));
    fixture.refused_for("root storage value of up to 401 bytes");
}

#[test]
fn a_root_without_a_bound_is_refused() {
    let fixture = Fixture::new();
    fixture.storage(&layout(r#"{"leaf":{"key":"0x00000000","ty":3}}"#, 1, 1));
    fixture.refused_for("root storage value has no bound");
}

#[test]
fn an_oversize_lazy_value_is_refused() {
    let fixture = Fixture::new();
    let leaf = r#"{"leaf":{"key":"0x00000000","ty":1}}"#;
    fixture.storage(&layout(leaf, 1, limits::CHAIN_VALUE_BYTES + 1));
    fixture.refused_for("storage value `lazy` of up to 417 bytes");
}

#[test]
fn the_command_line_says_why_and_exits_with_one() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run(&[]).0, Some(0));

    fixture.blob(&blob(&["terminate"], 0, 0));
    let (status, text) = fixture.run(&[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("probe: import `terminate` is renounced"), "{text}");

    let (status, text) = fixture.run(&["--json", "probe"]);
    assert_eq!(status, Some(1), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON and nothing else");
    assert_eq!(report["passed"], false);
}

#[test]
fn unreadable_artifacts_exit_with_two() {
    let fixture = Fixture::new();
    for bytes in [&b""[..], b"PVM\0rubbish"] {
        fixture.blob(bytes);
        let (status, text) = fixture.run(&[]);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains("probe.polkavm: "), "{text}");
    }
    assert_eq!(fixture.run(&["nowhere"]).0, Some(2));
    assert_eq!(fixture.run(&["--nonsense"]).0, Some(2));
}
