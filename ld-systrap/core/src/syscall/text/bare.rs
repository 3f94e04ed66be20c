//! Arguments that are memory of which only the address is written, as there is nothing in it to tell.

use super::printer::Printer;
use super::{CallView, Phase, Returned};
use crate::syscall::dependent::Meaning;
use crate::syscall::description::{Direction, Extent, Kind};
use crate::syscall::footprint::count;
use crate::syscall::shape::Shape;

const EINTR: u64 = 4;

/// Whether an argument is written as its address only: the call has written nothing there, or read nothing.
pub(super) fn is_bare(
    to: &Printer<'_>,
    call: &CallView,
    meaning: Meaning,
    phase: Phase<'_>,
) -> bool {
    let Kind::Memory(shape) = meaning.kind else {
        return false;
    };
    let result = phase.returned().success();
    let has_nothing_to_tell =
        has_failed(call, shape, phase) || result == Some(0) && tells_of_child(call, shape);
    match (meaning.direction, meaning.extent) {
        (Direction::Out, _) => has_nothing_to_tell,
        (Direction::In, Extent::Bytes(length) | Extent::Elements(length)) => {
            count(call, length, result, to.memory()).unwrap_or(0) > most(call)
        }
        _ => false,
    }
}

/// Whether a call is over and has failed, as far as memory of this shape goes.
pub(super) fn has_failed(call: &CallView, shape: Shape, phase: Phase<'_>) -> bool {
    let Phase::After(returned, _) = phase else {
        return false;
    };
    match shape {
        // Nothing is left of a sleep up to a point in time.
        Shape::Timespec if is_absolute_sleep(call) => true,
        // The rest of a sleep is told when, and only when, a signal has interrupted it.
        Shape::Timespec if is_sleep(call) => returned != Returned::Value(EINTR.wrapping_neg()),
        _ => returned.success().is_none(),
    }
}

/// Whether memory of this shape is what a wait4 tells of a child; one that returns 0 has none to tell of.
fn tells_of_child(call: &CallView, shape: Shape) -> bool {
    let is_wait = call.form().is_some_and(|form| form.name == "wait4");
    is_wait && matches!(shape, Shape::WaitStatus | Shape::Rusage)
}

/// How many bytes or elements the kernel takes at most of what it reads; of more, it reads nothing
/// (`__NEW_UTS_LEN`, `XATTR_SIZE_MAX`, `NGROUPS_MAX`, `KEXEC_SEGMENT_MAX`).
fn most(call: &CallView) -> u64 {
    match call.form().map(|form| form.name) {
        Some("sethostname" | "setdomainname") => 64,
        Some("setxattr" | "lsetxattr" | "fsetxattr" | "setgroups") => 65_536,
        Some("kexec_load") => 16,
        _ => u64::MAX,
    }
}

/// Whether a call is nanosleep or clock_nanosleep.
fn is_sleep(call: &CallView) -> bool {
    let name = call.form().map(|form| form.name);
    matches!(name, Some("nanosleep" | "clock_nanosleep"))
}

/// Whether a call is a clock_nanosleep up to a point in time (`TIMER_ABSTIME`).
fn is_absolute_sleep(call: &CallView) -> bool {
    call.form()
        .is_some_and(|form| form.name == "clock_nanosleep")
        && call.low(1) & 1 != 0
}
