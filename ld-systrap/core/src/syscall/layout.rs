//! The fields of the structures that calls take, where they are on x86-64.
//!
//! Structures whose text follows other rules (`stat`, addresses of sockets, messages) are in `text`.

use super::description::Kind;
use super::shape::Shape;
use super::values;

/// A structure: its fields, and how many of them the text shows before it says `...`.
pub(super) struct Layout {
    pub(super) fields: &'static [Field],
    pub(super) shown: usize,
}

/// A field of a structure.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

/// States layouts: `Shape(shown) { name: offset Kind, … }`, a nested structure as `[Shape]`.
macro_rules! layouts {
    ($($shape:ident $(($shown:literal))? {
        $($field:ident: $offset:literal $kind:tt $(($set:ident))?),* $(,)?
    })*) => {
        /// The layout of a shape, if it is a plain structure.
        pub(super) fn layout(shape: Shape) -> Option<&'static Layout> {
            match shape {
                $(Shape::$shape => Some(&const { Layout {
                    fields: &[$(Field {
                        name: stringify!($field),
                        offset: $offset,
                        kind: layouts!(@kind $kind $($set)?),
                    }),*],
                    shown: layouts!(@shown $($shown)?),
                } }),)*
                _ => None,
            }
        }
    };
    (@kind [$shape:ident]) => { Kind::Memory(Shape::$shape) };
    (@kind $kind:ident) => { Kind::$kind };
    (@kind $kind:ident $set:ident) => { Kind::$kind(&values::$set) };
    (@shown) => { usize::MAX };
    (@shown $shown:literal) => { $shown };
}

layouts! {
    Timespec { tv_sec: 0 Long, tv_nsec: 8 Size }
    Timeval { tv_sec: 0 Long, tv_usec: 8 Size }
    Timezone { tz_minuteswest: 0 Int, tz_dsttime: 4 Int }
    Itimerval { it_interval: 0 [Timeval], it_value: 16 [Timeval] }
    Itimerspec { it_interval: 0 [Timespec], it_value: 16 [Timespec] }
    Tms { tms_utime: 0 Long, tms_stime: 8 Long, tms_cutime: 16 Long, tms_cstime: 24 Long }
    Utimbuf { actime: 0 Long, modtime: 8 Long }
    Timex {
        modes: 0 Hex32, offset: 8 Long, freq: 16 Long, maxerror: 24 Long, esterror: 32 Long,
        status: 40 Hex32, constant: 48 Long, precision: 56 Long, tolerance: 64 Long,
        time: 72 [Timeval], tick: 88 Long, ppsfreq: 96 Long, jitter: 104 Long, shift: 112 Int,
        stabil: 120 Long, jitcnt: 128 Long, calcnt: 136 Long, errcnt: 144 Long, stbcnt: 152 Long,
        tai: 160 Int,
    }
    Rlimit { rlim_cur: 0 Limit, rlim_max: 8 Limit }
    Rusage(2) { ru_utime: 0 [Timeval], ru_stime: 16 [Timeval], ru_maxrss: 32 Long }
    Statfs {
        f_type: 0 Choice(STATFS_TYPE), f_bsize: 8 Size, f_blocks: 16 Size, f_bfree: 24 Size,
        f_bavail: 32 Size, f_files: 40 Size, f_ffree: 48 Size, f_fsid: 56 [Fsid],
        f_namelen: 64 Size, f_frsize: 72 Size, f_flags: 80 Flags(STATFS_FLAGS),
    }
    Flock {
        l_type: 0 Choice(LOCK_TYPE), l_whence: 2 Choice(SEEK16), l_start: 8 Long, l_len: 16 Long,
        l_pid: 24 Pid,
    }
    FlockRequest {
        l_type: 0 Choice(LOCK_TYPE), l_whence: 2 Choice(SEEK16), l_start: 8 Long, l_len: 16 Long,
    }
    MountAttr {
        attr_set: 0 Flags(MOUNT_ATTR), attr_clr: 8 Flags(MOUNT_ATTR), propagation: 16 Flags(MOUNT),
        userns_fd: 24 Size,
    }
    CachestatRange { off: 0 Size, len: 8 Size }
    Cachestat {
        nr_cache: 0 Size, nr_dirty: 8 Size, nr_writeback: 16 Size, nr_evicted: 24 Size,
        nr_recently_evicted: 32 Size,
    }
    EpollEvent { events: 0 Flags(EPOLL_EVENT), data: 4 [EpollData] }
    Sembuf { sem_num: 0 Short, sem_op: 2 SignedShort, sem_flg: 4 Flags(SEMOP) }
    MqAttr {
        mq_flags: 0 Flags(OPEN64), mq_maxmsg: 8 Long, mq_msgsize: 16 Long, mq_curmsgs: 24 Long,
    }
    Stack { ss_sp: 0 Pointer, ss_flags: 8 Flags(STACK), ss_size: 16 Size }
    SchedAttr {
        size: 0 Uint, sched_policy: 4 Choice(SCHEDULER), sched_flags: 8 Flags(SCHEDULER_FLAGS),
        sched_nice: 16 Int, sched_priority: 20 Uint, sched_runtime: 24 Size,
        sched_deadline: 32 Size, sched_period: 40 Size, sched_util_min: 48 Uint,
        sched_util_max: 52 Uint,
    }
    CapHeader { version: 0 Choice(CAPABILITY_VERSION), pid: 4 Pid }
    FutexWaitv { val: 0 Hex, uaddr: 8 Pointer, flags: 16 Flags(FUTEX2) }
    Winsize { ws_row: 0 Short, ws_col: 2 Short, ws_xpixel: 4 Short, ws_ypixel: 6 Short }
}
