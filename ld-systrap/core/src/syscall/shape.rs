//! What the memory behind an address holds, and how large that is on x86-64.

/// Defines [`Shape`] with the size of each, in bytes; 0 for shapes whose size varies.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident = $size:literal,)*) => {
        /// What the memory behind an address holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Shape { $($(#[$doc])* $name,)* }

        impl Shape {
            /// The size of one of these in bytes on x86-64; 0 when it varies.
            #[must_use]
            pub const fn size(self) -> u64 {
                match self { $(Shape::$name => $size,)* }
            }
        }
    };
}

shapes! {
    /// Bytes without further meaning.
    Bytes = 1,
    /// Bytes of which the last one, if it is zero, is not part of the text.
    Attribute = 1,
    /// Names of extended attributes, each with a zero byte at its end.
    AttributeNames = 1,
    /// Bytes that are no text: written as numbers.
    Opaque = 1,
    /// A path that ends with a zero byte.
    Path = 0,
    /// Any other string that ends with a zero byte.
    CStr = 0,
    /// Pointers to strings, up to a null pointer.
    Strings = 0,
    /// As [`Shape::Strings`], but only counted.
    Environment = 0,
    /// A descriptor.
    Fd = 4,
    /// 32 signed bits.
    Int = 4,
    /// 32 unsigned bits.
    Uint = 4,
    /// A length that the kernel replaces by another one.
    Length = 4,
    /// 64 signed bits.
    Long = 8,
    /// 64 unsigned bits.
    ULong = 8,
    /// 64 unsigned bits, a quantity.
    Size = 8,
    /// An address.
    Address = 8,
    /// An address of something that the call decides.
    Pointer = 8,
    /// A user or group.
    Id = 4,
    /// Two users.
    IdPair = 8,
    /// `struct timespec`.
    Timespec = 16,
    /// `struct timespec` with utimensat's special values.
    UpdateTime = 16,
    /// `struct timeval`.
    Timeval = 16,
    /// `struct timeval` of a file.
    UpdateTimeval = 16,
    /// Seconds since 1970.
    Time = 8,
    /// The node that a page is on, or an error.
    PageStatus = 4,
    /// What the firmware is told at a restart.
    RebootCommand = 0,
    /// The name of a file in memory.
    MemfdName = 0,
    /// `struct timezone`.
    Timezone = 8,
    /// `struct itimerval`.
    Itimerval = 32,
    /// `struct itimerspec`.
    Itimerspec = 32,
    /// `struct timex`.
    Timex = 208,
    /// `struct tms`.
    Tms = 32,
    /// `struct utimbuf`.
    Utimbuf = 16,
    /// `union sigval`.
    Sigval = 8,
    /// `struct sigevent`.
    Sigevent = 64,
    /// `struct stat`.
    Stat = 144,
    /// `struct statx`.
    Statx = 256,
    /// `struct statfs`.
    Statfs = 120,
    /// `fsid_t`.
    Fsid = 8,
    /// `struct ustat`.
    Ustat = 32,
    /// `struct linux_dirent`, one after the other.
    Dirents = 0,
    /// `struct linux_dirent64`, one after the other.
    Dirents64 = 0,
    /// `struct open_how`.
    OpenHow = 24,
    /// `struct file_handle`.
    FileHandle = 8,
    /// `struct flock`, with who holds the lock.
    Flock = 32,
    /// `struct f_owner_ex`.
    FileOwner = 8,
    /// `struct flock`, as a request.
    FlockRequest = 32,
    /// `struct mount_attr`.
    MountAttr = 32,
    /// `struct mnt_id_req`.
    MountIdRequest = 24,
    /// `struct statmount`.
    Statmount = 0,
    /// `struct xattr_args`.
    XattrArgs = 16,
    /// `struct file_attr`.
    FileAttr = 24,
    /// `struct cachestat_range`.
    CachestatRange = 16,
    /// `struct cachestat`.
    Cachestat = 40,
    /// One byte per page.
    Residency = 1,
    /// `struct iovec` whose bytes the kernel reads.
    Iovec = 16,
    /// `struct iovec`s whose bytes the kernel writes.
    Buffers = 16,
    /// `struct iovec` that points into another process.
    RemoteIovec = 16,
    /// `struct pollfd`.
    Pollfd = 8,
    /// `fd_set`.
    FdSet = 0,
    /// `epoll_data_t`.
    EpollData = 8,
    /// `struct epoll_event`.
    EpollEvent = 12,
    /// `struct io_event`.
    IoEvent = 32,
    /// `struct iocb`.
    Iocb = 64,
    /// The address of a `struct iocb`.
    IocbAddress = 8,
    /// `struct io_uring_params`.
    IoUringParams = 120,
    /// `struct sockaddr` of any family.
    Sockaddr = 0,
    /// The value of a socket option.
    Option = 0,
    /// `struct linger`.
    Linger = 8,
    /// `struct ucred`.
    Credentials = 12,
    /// `struct tpacket_req`.
    PacketRing = 16,
    /// `struct tpacket_stats_v3`.
    PacketStatistics = 12,
    /// `struct msghdr`.
    Msghdr = 56,
    /// `struct mmsghdr`.
    Mmsghdr = 64,
    /// `struct msgbuf`.
    Msgbuf = 0,
    /// `struct sembuf`.
    Sembuf = 6,
    /// `struct mq_attr`.
    MqAttr = 64,
    /// `struct sigaction` of the kernel.
    Sigaction = 32,
    /// `sigset_t` of the kernel.
    Sigset = 8,
    /// `sigset_t`, or the first bytes of one.
    PendingSignals = 8,
    /// The address of a `sigset_t`, and its size.
    SigsetAndSize = 16,
    /// `siginfo_t`.
    Siginfo = 128,
    /// `stack_t`.
    Stack = 24,
    /// The status of a child.
    WaitStatus = 4,
    /// `struct rusage`.
    Rusage = 144,
    /// `struct rlimit` and `struct rlimit64`.
    Rlimit = 16,
    /// `struct clone_args`.
    CloneArgs = 88,
    /// `struct sched_param`.
    SchedParam = 4,
    /// `struct sched_attr`.
    SchedAttr = 56,
    /// `struct sched_attr` that the kernel reads, and of which it may correct the length.
    SchedRequest = 56,
    /// `struct user_regs_struct`.
    Registers = 216,
    /// `struct if_dqblk`.
    Quota = 72,
    /// `struct if_nextdqblk`.
    NextQuota = 72,
    /// `struct if_dqinfo`.
    QuotaInformation = 24,
    /// The number of a format of quotas.
    QuotaFormat = 4,
    /// Flags of quotas of XFS.
    XfsQuotaFlags = 4,
    /// `struct kexec_segment`.
    KexecSegment = 32,
    /// A set of processors.
    CpuSet = 0,
    /// A set of memory nodes.
    NodeMask = 0,
    /// A memory policy.
    MemoryPolicy = 4,
    /// `struct __user_cap_header_struct`.
    CapHeader = 8,
    /// `struct __user_cap_data_struct`, two of them.
    CapData = 24,
    /// An entry of the local descriptor table.
    Ldt = 16,
    /// `struct futex_waitv`.
    FutexWaitv = 24,
    /// `struct kcmp_epoll_slot`.
    EpollSlot = 12,
    /// `struct sock_fprog`.
    FilterProgram = 16,
    /// What seccomp does with a call.
    SeccompAction = 4,
    /// `struct seccomp_notif_sizes`.
    SeccompSizes = 6,
    /// `struct __sysctl_args`.
    SysctlArguments = 80,
    /// `struct utsname`.
    Utsname = 390,
    /// `struct sysinfo`.
    Sysinfo = 112,
    /// `struct termios` of the kernel.
    Termios = 36,
    /// `struct winsize`.
    Winsize = 8,
    /// `union bpf_attr`.
    BpfAttr = 0,
    /// `struct perf_event_attr`.
    PerfEventAttr = 0,
    /// `struct landlock_ruleset_attr`.
    LandlockRuleset = 8,
    /// A rule of Landlock.
    LandlockRule = 12,
    /// `struct lsm_ctx`.
    LsmContext = 0,
}
