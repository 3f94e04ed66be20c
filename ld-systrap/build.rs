//! Tells the build scripts of handlers where the linker script is (`DEP_LD_SYSTRAP_LINKER_SCRIPT`).

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../linker.ld");
    println!("cargo::metadata=linker_script={script}");
    println!("cargo::rerun-if-changed={script}");
}
