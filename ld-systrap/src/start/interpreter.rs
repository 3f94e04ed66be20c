//! The interpreter that a program asks for: the kernel has mapped the program, and us.

use super::{Entry, description, finish, instrument_vdso, keep_image, start_handler};
use crate::auxiliary::*;
use crate::debugger;
use crate::handler::Handler;
use crate::load;
use crate::memory::copy;
use crate::options::{Options, Refusal};
use crate::postponed;
use crate::process::exec;
use crate::seal;
use crate::sys::file;
use crate::view::View;
use alloc::ffi::CString;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use ld_systrap_core::image::Image;

/// The kernel has mapped the program, and us as its interpreter.
pub(super) fn run<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    // Whoever starts a program with more privilege than his own has no say in how it runs (ld.so(8)).
    let secure = given.value(AT_SECURE).unwrap_or(0) != 0;
    let words = match secure {
        true => None,
        false => given.variable("LD_SYSTRAP"),
    };
    let words = words.unwrap_or_default();
    let words: Vec<&'static str> = core::str::from_utf8(words)
        .map_err(|_| Refusal::error(127, format_args!("LD_SYSTRAP is not text")))?
        .split_ascii_whitespace()
        .collect();
    let name = given
        .arguments()
        .next()
        .map_or(String::new(), |name| name.to_string_lossy().into());
    let (view, bias) = program_in_memory(given, &name)?;
    let image = load::parse(&view, &name)?;
    if let Some(path) = image.interpreter().and_then(|path| CString::new(path).ok()) {
        keep_image(&path)?;
        exec::set_own_path(path);
    }
    exec::set_options(
        words
            .iter()
            .filter_map(|word| CString::new(*word).ok())
            .collect(),
    );
    let (runtime, used) = start_handler::<H>(Options::new(words.clone(), H::HELP))?;
    if let Some(word) = words.get(used) {
        return Err(Refusal::error(
            127,
            format_args!("LD_SYSTRAP: '{word}' is not an option"),
        ));
    }

    instrument_vdso(given);
    for segment in image.segments().filter(|segment| segment.executable) {
        load::instrument_segment(&view, &segment, bias, postponed::mapped).map_err(|error| {
            Refusal::error(126, format_args!("{name}: cannot be instrumented: {error}"))
        })?;
    }
    let path = match runtime.ld_so {
        Some(path) => CString::new(path).ok(),
        None => load::usual_interpreter(&image),
    };
    let interpreter = match path {
        Some(path) => {
            let loaded = load::interpreter(&path, &name)?;
            debugger::name_ld_so(loaded.bias, path);
            Some(loaded)
        }
        None => None,
    };
    let slot = image.debug_slot().map(|at| at.wrapping_add(bias));
    debugger::begin(None, slot, exec::own_path());
    given.set_value(
        AT_BASE,
        interpreter.as_ref().map_or(0, |loaded| loaded.bias),
    );
    // The kernel has seen to the stack's protection; what it allows, the seal watches.
    if image.stack_executable() == Some(true) {
        seal::arm();
    }
    finish(false, given.address());
    description::set_vector(given);
    let entry = given.value(AT_ENTRY).unwrap_or(0);
    Ok(Entry {
        address: interpreter.map_or(entry, |loaded| loaded.entry),
        stack: given.address(),
    })
}

/// The file that the kernel has mapped as the program, and its bias. Without /proc it is the one of the name that was
/// executed.
fn program_in_memory(given: Given, name: &str) -> Result<(Arc<View>, u64), Refusal> {
    let own = load::open(c"/proc/self/exe");
    let by_name = match own {
        Ok(_) => None,
        Err(_) => given.executed_name(),
    };
    let descriptor = by_name.map_or(own, load::open)?;
    let view = View::of(descriptor);
    file::close(descriptor);
    let view = view.map_err(|error| Refusal::error(126, format_args!("{name}: {error}")))?;
    let view = Arc::new(view);
    let bias = {
        let image: Image<'_> = load::parse(&view, name)?;
        if by_name.is_some() && !is_in_memory(&image, given) {
            return Err(Refusal::error(
                126,
                format_args!("{name}: is no longer what was executed, and there is no /proc"),
            ));
        }
        given
            .value(AT_ENTRY)
            .unwrap_or(0)
            .wrapping_sub(image.entry())
    };
    Ok((view, bias))
}

/// Whether an image is what the kernel has mapped as the program, by its program headers.
fn is_in_memory(image: &Image<'_>, given: Given) -> bool {
    let mut headers = vec![0; image.program_header_bytes().len()];
    let there = copy::read_bytes(given.value(AT_PHDR).unwrap_or(0), &mut headers);
    there.is_ok() && headers == image.program_header_bytes()
}
