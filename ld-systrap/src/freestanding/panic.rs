//! A panic is a defect of ours: one line, then the end.
#![expect(
    unsafe_code,
    reason = "defines the unwinder's symbols that precompiled core refers to"
)]

use core::panic::PanicInfo;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    crate::report::line(format_args!("internal error: {info}"));
    crate::sys::process::exit_group(127)
}

/// Never called: panics abort. Core's landing pads refer to it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Never called: panics abort. Core's landing pads refer to it.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    crate::sys::process::exit_group(127)
}
