//! The link flags of an interpreter, for every handler: a static PIE without start files.

fn main() {
    let script = std::env::var("DEP_LD_SYSTRAP_LINKER_SCRIPT")
        .expect("a handler depends on the package ld-systrap, which tells where linker.ld is");
    for argument in ["-nostartfiles", "-static-pie", "-Wl,--build-id"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rustc-link-arg-bins=-Wl,--script={script}");
    println!("cargo::rerun-if-changed={script}");
}
