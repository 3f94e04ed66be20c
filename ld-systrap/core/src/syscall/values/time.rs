//! Names of values that calls on clocks and timers take.
//!
//! In the order in which they are written when several are set.

use super::{Names, names};
use linux_raw_sys::general::*;

names! {
    CLOCK: 32 "CLOCK_???" {
        CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
        CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
        CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM, CLOCK_SGI_CYCLE, CLOCK_TAI,
    }
    ITIMER: 32 "ITIMER_???" {
        ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF,
    }
    TIMER: 32 "TIMER_???" {
        TIMER_ABSTIME,
    }
    TIMERFD_CREATE: 32 "TFD_???" {
        TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TFD_CLOEXEC, TFD_NONBLOCK,
    }
    TIMERFD_SET: 32 "TFD_???" {
        TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TFD_CLOEXEC, TFD_NONBLOCK,
    }
    SIGEVENT_NOTIFY: 32 "SIGEV_???" {
        SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4,
    }
}
