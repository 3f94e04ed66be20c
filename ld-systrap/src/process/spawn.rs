//! clone(2), clone3(2), fork(2), vfork(2): a child is ready before its first instruction.
//!
//! A child that shares memory begins on the private stack of a block made for it, whatever stack the
//! program has for it; one that gets a copy of the memory goes on where its parent was. All signals are
//! blocked from before the call until the child knows who it is.
#![expect(unsafe_code, reason = "hands blocks of threads over to the threads")]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::gate::Step;
use crate::memory::lock::Lock;
use crate::memory::{copy, ensure_heap, lock_heap};
use crate::process::signal;
use crate::process::thread::Thread;
use crate::process::threads;
use crate::process::traced::Traced;
use crate::sys::{Errno, process, signal as kernel};
use crate::{dispatch, guarded, patched, postponed, seal};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_systrap_core::address::PAGE;
use linux_raw_sys::general::*;

/// The clone in flight.
#[derive(Clone, Debug)]
pub(crate) enum Spawn {
    /// There is none.
    None,
    /// The child gets a copy of the memory; its stack, if another than its parent's.
    Copy { stack: u64, clear_handlers: bool },
    /// The child shares the memory. `suspends`: the parent sleeps until it execs or exits. `number`: which
    /// use of its region the child's is.
    Shared { suspends: bool, number: u32 },
    /// This thread is the child of such a clone.
    Child {
        is_thread: bool,
        clear_handlers: bool,
        parent: i32,
    },
}

const CLEAR_HANDLERS: u64 = 1 << 32; // CLONE_CLEAR_SIGHAND

/// There have been several threads or processes: lines want a number.
static SEVERAL: AtomicBool = AtomicBool::new(false);

/// Whether this process has, or comes from one that had, more than one thread or process.
pub(crate) fn several() -> bool {
    SEVERAL.load(Ordering::Relaxed)
}

/// Says that there are others, outside this process's memory.
pub(crate) fn set_several() {
    SEVERAL.store(true, Ordering::Relaxed);
}

/// What a clone asks for.
struct Request {
    flags: u64,
    /// The child's rsp, or 0 for the parent's.
    stack: u64,
}

/// Prepares the call in `thread`'s number and arguments.
pub(crate) fn before(thread: &mut Thread) -> Result<Step, Errno> {
    let vfork = u64::from(CLONE_VM | CLONE_VFORK);
    let request = match thread.number as u32 {
        __NR_fork => Request { flags: 0, stack: 0 },
        __NR_vfork => {
            thread.number = u64::from(__NR_clone);
            thread.arguments = [vfork | u64::from(SIGCHLD), 0, 0, 0, 0, 0];
            Request {
                flags: vfork,
                stack: 0,
            }
        }
        __NR_clone => Request {
            flags: thread.arguments[0],
            stack: thread.arguments[1],
        },
        _ => match read_clone3(thread)? {
            Some(request) => request,
            None => return Ok(Step::Altered), // invalid: the kernel says how
        },
    };
    let clear_handlers = request.flags & CLEAR_HANDLERS != 0;
    if request.flags & u64::from(CLONE_VM) == 0 {
        thread.child = core::ptr::null_mut();
        thread.spawn = Spawn::Copy {
            stack: request.stack,
            clear_handlers,
        };
        set_stack(thread, None);
        return Ok(Step::Clone);
    }
    ensure_heap(64 << 10)?;
    let share = |flag: u32| request.flags & u64::from(flag) != 0;
    if !share(CLONE_VFORK) {
        postponed::settle(); // from now on somebody else may run the code
    }
    let signals = match share(CLONE_SIGHAND) {
        true => thread.signals.clone(),
        false => Arc::new(thread.signals.copy()),
    };
    let files = match share(CLONE_FILES) {
        true => thread.files.clone(),
        false => Arc::new(Lock::new(thread.files.lock().clone())),
    };
    let block = threads::create(signals, files)?;
    // SAFETY: new, and nobody else's until the clone.
    let child = unsafe { &mut *block };
    child.context = thread.context.clone();
    child.context.rax = 0;
    child.call.arguments.registers = thread.call.arguments.registers;
    (child.call.after, child.call.stack) = (thread.call.after, thread.call.stack);
    if request.stack != 0 {
        child.call.stack = request.stack;
    }
    child.hidden_mask = thread.hidden_mask;
    child.swapped = thread.swapped;
    child.numbering = thread.numbering;
    if share(CLONE_VFORK) {
        child.alternate = thread.alternate;
    }
    child.step = Step::Leave;
    child.spawn = Spawn::Child {
        is_thread: share(CLONE_THREAD),
        clear_handlers,
        parent: thread.pid(),
    };
    set_stack(thread, Some(child.stack));
    thread.child = block;
    thread.spawn = Spawn::Shared {
        suspends: share(CLONE_VFORK),
        number: child.used.load(Ordering::Relaxed),
    };
    Ok(Step::Clone)
}

/// Copies clone3's structure, without what we do in the kernel's stead. `None` if it is not valid.
fn read_clone3(thread: &mut Thread) -> Result<Option<Request>, Errno> {
    let [from, size, ..] = thread.arguments;
    if !(64..=PAGE).contains(&size) {
        return Ok(None);
    }
    let mut bytes = [0; PAGE as usize];
    let Ok(()) = copy::read_bytes(from, &mut bytes[..size as usize]) else {
        return Ok(None);
    };
    let words = &mut thread.scratch.words;
    let (known, later) = bytes.split_at(size_of_val(words));
    if later.iter().any(|byte| *byte != 0) {
        return Ok(None);
    }
    for (word, bytes) in words.iter_mut().zip(known.as_chunks().0) {
        *word = u64::from_ne_bytes(*bytes);
    }
    thread.arguments[0] = words.as_ptr() as u64;
    thread.arguments[1] = size.min(known.len() as u64);
    let flags = words[0];
    let (stack, stack_size) = (words[5], words[6]);
    let is_stack = match stack {
        0 => stack_size == 0,
        _ => stack_size != 0 && copy::in_reach(stack, stack_size),
    };
    if !is_stack || flags & CLEAR_HANDLERS != 0 && flags & u64::from(CLONE_SIGHAND) != 0 {
        return Ok(None);
    }
    words[0] = flags & !CLEAR_HANDLERS;
    Ok(Some(Request {
        flags,
        stack: stack.wrapping_add(stack_size),
    }))
}

/// Makes the kernel start the child with rsp = `stack`, or with its parent's.
fn set_stack(thread: &mut Thread, stack: Option<u64>) {
    match thread.number as u32 {
        __NR_clone => thread.arguments[1] = stack.unwrap_or(0),
        __NR_clone3 => {
            // The kernel wants the base and the size; only their sum matters.
            let size = stack.map_or(0, |_| 65536);
            thread.scratch.words[5] = stack.map_or(0, |stack| stack - size);
            thread.scratch.words[6] = size;
        }
        _ => {}
    }
}

/// The last thing before the clone: all signals are blocked, and it will happen.
pub(crate) fn begin(thread: &mut Thread) {
    set_several();
    if !thread.child.is_null() {
        // SAFETY: still nobody else's.
        unsafe { (*thread.child).clone_mask = thread.clone_mask };
    }
    if matches!(thread.spawn, Spawn::Copy { .. }) {
        lock_all();
    }
}

/// The parent goes on.
pub(crate) fn after(thread: &mut Thread) {
    match core::mem::replace(&mut thread.spawn, Spawn::None) {
        Spawn::Copy { .. } => unlock_all(),
        Spawn::Shared { suspends, number } if suspends || Errno::check(thread.result).is_err() => {
            // SAFETY: the child never was, or is out of this memory by exec or exit.
            unsafe { threads::release(thread.child, number) };
            seal::review(thread);
        }
        Spawn::Shared { .. } => {}
        Spawn::None | Spawn::Child { .. } => return, // it was invalid, and nothing was prepared
    }
    thread.child = core::ptr::null_mut();
    signal::set_mask(thread, thread.clone_mask); // a filter may have trapped the call
}

/// The call will not be made after all.
pub(crate) fn abandon(thread: &mut Thread) {
    if let Spawn::Shared { number, .. } = core::mem::replace(&mut thread.spawn, Spawn::None) {
        // SAFETY: the child never was.
        unsafe { threads::release(thread.child, number) };
        thread.child = core::ptr::null_mut();
    }
}

/// A child in a copy of its parent's memory, in its only thread, all signals blocked.
pub(crate) fn forked(thread: &mut Thread) {
    unlock_all();
    let parent = thread.pid();
    let spawn = core::mem::replace(&mut thread.spawn, Spawn::None);
    thread.call.thread = process::tid();
    thread.call.process = thread.call.thread;
    thread.context.rax = 0;
    thread.call.result = 0;
    thread.in_flight.store(false, Ordering::SeqCst);
    signal::forget_all(thread);
    thread.traced = Traced::No;
    thread.own_dispatch = None;
    threads::keep_only_current();
    if let Spawn::Copy {
        stack,
        clear_handlers,
    } = spawn
    {
        if stack != 0 {
            thread.call.stack = stack;
        }
        if clear_handlers {
            signal::clear_handlers(&thread.signals);
        }
    }
    seal::rearm(thread);
    dispatch::events().process_start(parent);
    kernel::set_mask(thread.clone_mask);
}

/// Finds out whether a child in its parent's memory may be in another PID namespace: then the kernel does
/// not show it its parent. One whose parent is gone has another (getppid(2)), and is no reason to believe it.
pub(crate) fn compare_numbering(thread: &mut Thread) {
    if let Spawn::Child {
        is_thread: false, ..
    } = thread.spawn
        && process::parent() == 0
    {
        thread.numbering = thread.used.load(Ordering::Relaxed);
    }
}

/// A child in its parent's memory, with its own block in place, all signals blocked.
pub(crate) fn started(thread: &mut Thread) {
    if let Spawn::Child {
        is_thread,
        clear_handlers,
        parent,
    } = core::mem::replace(&mut thread.spawn, Spawn::None)
    {
        if clear_handlers {
            signal::clear_handlers(&thread.signals);
        }
        seal::rearm(thread);
        match is_thread {
            true => dispatch::events().thread_start(),
            false => dispatch::events().process_start(parent),
        }
    }
    kernel::set_mask(thread.clone_mask);
    signal::recheck(thread); // nobody has called it to look
}

/// Locks whose data must be whole in a child that gets a copy of them, in the order of taking. The
/// child has only the thread that took them, so it may give them back.
fn lock_all() {
    let thread = Thread::current();
    thread.signals.lock_for_fork();
    core::mem::forget(thread.files.lock());
    patched::lock_for_fork();
    postponed::lock_for_fork();
    guarded::lock_for_fork();
    core::mem::forget(threads::lock_list());
    core::mem::forget(lock_heap());
}

fn unlock_all() {
    let thread = Thread::current();
    // SAFETY: taken by `lock_all` in this thread, or in the parent whose copy this is.
    unsafe {
        crate::memory::unlock_heap();
        threads::unlock_list();
        guarded::unlock_after_fork();
        postponed::unlock_after_fork();
        patched::unlock_after_fork();
        thread.files.force_unlock();
        thread.signals.unlock_after_fork();
    }
}
