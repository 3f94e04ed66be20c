//! Names of values that calls on signals take.
//!
//! In the order in which they are written when several are set.

use super::{Names, names};
use linux_raw_sys::general::*;

names! {
    SIGNAL_HOW: 32 "SIG_???" {
        SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK,
    }
    SIGACTION: 64 "SA_???" {
        SA_RESTORER, SA_ONSTACK, SA_RESTART, SA_INTERRUPT = 0x20000000, SA_NODEFER, SA_RESETHAND,
        SA_SIGINFO, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_EXPOSE_TAGBITS, SA_UNSUPPORTED,
    }
    STACK: 32 "SS_???" {
        SS_ONSTACK, SS_DISABLE, SS_AUTODISARM,
    }
}
