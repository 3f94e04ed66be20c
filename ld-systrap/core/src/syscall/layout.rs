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

impl Layout {
    /// How many bytes there are up to the end of the last field.
    pub(super) fn size(&self) -> usize {
        let ends = self.fields.iter().map(|field| {
            let size = match field.kind {
                Kind::Memory(shape) => shape.size() as usize,
                kind => kind.width(),
            };
            field.offset + size
        });
        ends.max().unwrap_or(0)
    }
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
    Utimbuf { actime: 0 Time, modtime: 8 Time }
    Timex {
        modes: 0 Flags(ADJUST), offset: 8 Long, freq: 16 Long, maxerror: 24 Long, esterror: 32 Long,
        status: 40 Flags(CLOCK_STATUS), constant: 48 Long, precision: 56 Long, tolerance: 64 Long,
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
    FileOwner { type: 0 Choice(FILE_OWNER), pid: 4 Pid }
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
    IoEvent { data: 0 Hex, obj: 8 Pointer, res: 16 Long, res2: 24 Long }
    MqAttr {
        mq_flags: 0 Hex, mq_maxmsg: 8 Long, mq_msgsize: 16 Long, mq_curmsgs: 24 Long,
    }
    Stack { ss_sp: 0 Pointer, ss_flags: 8 Flags(STACK), ss_size: 16 Size }
    Quota(6) {
        dqb_bhardlimit: 0 Size, dqb_bsoftlimit: 8 Size, dqb_curspace: 16 Size,
        dqb_ihardlimit: 24 Size, dqb_isoftlimit: 32 Size, dqb_curinodes: 40 Size,
        dqb_btime: 48 Size, dqb_itime: 56 Size, dqb_valid: 64 Hex32,
    }
    NextQuota(7) {
        dqb_bhardlimit: 0 Size, dqb_bsoftlimit: 8 Size, dqb_curspace: 16 Size,
        dqb_ihardlimit: 24 Size, dqb_isoftlimit: 32 Size, dqb_curinodes: 40 Size,
        dqb_id: 68 Uint, dqb_btime: 48 Size, dqb_itime: 56 Size, dqb_valid: 64 Hex32,
    }
    QuotaInformation {
        dqi_bgrace: 0 Size, dqi_igrace: 8 Size, dqi_flags: 16 Flags(QUOTA_FLAGS),
        dqi_valid: 20 Flags(QUOTA_VALID),
    }
    Registers {
        r15: 0 Hex, r14: 8 Hex, r13: 16 Hex, r12: 24 Hex, rbp: 32 Hex, rbx: 40 Hex, r11: 48 Hex,
        r10: 56 Hex, r9: 64 Hex, r8: 72 Hex, rax: 80 Hex, rcx: 88 Hex, rdx: 96 Hex, rsi: 104 Hex,
        rdi: 112 Hex, orig_rax: 120 Hex, rip: 128 Hex, cs: 136 Hex, eflags: 144 Hex, rsp: 152 Hex,
        ss: 160 Hex, fs_base: 168 Hex, gs_base: 176 Hex, ds: 184 Hex, es: 192 Hex, fs: 200 Hex,
        gs: 208 Hex,
    }
    KexecSegment { buf: 0 Pointer, bufsz: 8 Size, mem: 16 Pointer, memsz: 24 Size }
    Linger { l_onoff: 0 Int, l_linger: 4 Int }
    Credentials { pid: 0 Pid, uid: 4 Id, gid: 8 Id }
    PacketRing {
        tp_block_size: 0 Uint, tp_block_nr: 4 Uint, tp_frame_size: 8 Uint, tp_frame_nr: 12 Uint,
    }
    PacketStatistics { tp_packets: 0 Uint, tp_drops: 4 Uint, tp_freeze_q_cnt: 8 Uint }
    EpollSlot { efd: 0 Fd, tfd: 4 Fd, toff: 8 Uint }
    FilterProgram { len: 0 Short, filter: 8 Pointer }
    SeccompSizes { seccomp_notif: 0 Short, seccomp_notif_resp: 2 Short, seccomp_data: 4 Short }
    LandlockRuleset { handled_access_fs: 0 Flags(LANDLOCK_ACCESS) }
    LandlockRule { allowed_access: 0 Flags(LANDLOCK_ACCESS), parent_fd: 8 Fd }
    SysctlArguments {
        name: 0 Pointer, nlen: 8 Int, oldval: 16 Pointer, oldlenp: 24 Pointer, newval: 32 Pointer,
        newlen: 40 Size,
    }
    CapHeader { version: 0 Choice(CAPABILITY_VERSION), pid: 4 Pid }
    FutexWaitv { val: 0 Hex, uaddr: 8 Pointer, flags: 16 Flags(FUTEX2) }
    Winsize { ws_row: 0 Short, ws_col: 2 Short, ws_xpixel: 4 Short, ws_ypixel: 6 Short }
}
