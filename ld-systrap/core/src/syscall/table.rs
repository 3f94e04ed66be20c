//! The table of the system calls of x86-64: what each is named, which classes it belongs to, and
//! what its arguments are, in the notation that `notation` explains.
//!
//! Names of calls and arguments are those that a 6.18 kernel states for itself.

use super::class::{Class, Classes};
use super::description::{Argument, Description, Direction, Extent, Kind, Length, Outcome};
use super::notation::{arguments, calls, position};
use super::shape::Shape;
use super::values;

calls! { CALLS:
    0 read [desc] (fd: Fd, buf: out bytes[ret], count: Size);
    1 write [desc] (fd: Fd, buf: in bytes[count], count: Size);
    2 open [file desc] (filename: in Path, flags: OpenFlags, mode: Depends) -> Fd;
    3 close [desc] (fd: Fd);
    4 stat [file stat stat_like] (filename: in Path, statbuf: out Stat);
    5 fstat [desc fstat stat_like] (fd: Fd, statbuf: out Stat);
    6 lstat [file lstat stat_like] (filename: in Path, statbuf: out Stat);
    7 poll [desc] (ufds: inout [Pollfd; nfds], nfds: Uint, timeout_msecs: Int) -> Poll;
    8 lseek [desc] (fd: Fd, offset: Long, whence: Choice(SEEK));
    9 mmap [desc memory] (
        addr: Pointer, len: Size, prot: Flags(PROTECTION), flags: MapFlags, fd: Fd, off: Hex
    ) -> Address;
    10 mprotect [memory] (start: Pointer, len: Size, prot: Flags(PROTECTION));
    11 munmap [memory] (addr: Pointer, len: Size);
    12 brk [memory] (brk: Pointer) -> Address;
    13 rt_sigaction [signal] (
        sig: Signal, act: in Sigaction, oact: out Sigaction, sigsetsize: Size
    );
    14 rt_sigprocmask [signal] (
        how: Choice(SIGNAL_HOW), nset: in Sigset[sigsetsize], oset: out Sigset[sigsetsize],
        sigsetsize: Size
    );
    15 rt_sigreturn [signal] ();
    16 ioctl [desc] (fd: Fd, cmd: Ioctl, arg: Depends);
    17 pread64 [desc] (fd: Fd, buf: out bytes[ret], count: Size, pos: Long);
    18 pwrite64 [desc] (fd: Fd, buf: in bytes[count], count: Size, pos: Long);
    19 readv [desc] (fd: Fd, vec: in [Buffers; vlen], vlen: Size);
    20 writev [desc] (fd: Fd, vec: in [Iovec; vlen], vlen: Size);
    21 access [file] (filename: in Path, mode: Flags(ACCESS));
    22 pipe [desc] (fildes: out [Fd; 2]);
    23 select [desc] (
        n: Int, inp: inout FdSet[n], outp: inout FdSet[n], exp: inout FdSet[n], tvp: inout Timeval
    ) -> Select;
    24 sched_yield [] ();
    25 mremap [memory] (
        addr: Pointer, old_len: Size, new_len: Size, flags: Flags(MREMAP), new_addr: Depends
    ) -> Address;
    26 msync [memory] (start: Pointer, len: Size, flags: Flags(MSYNC));
    27 mincore [memory] (start: Pointer, len: Size, vec: out Residency[len]);
    28 madvise [memory] (start: Pointer, len_in: Size, behavior: Choice(MADVISE));
    29 shmget [ipc] (key: Key, size: Size, shmflg: FlagsAndMode(SHMGET));
    30 shmat [ipc memory] (shmid: Int, shmaddr: Pointer, shmflg: Flags(SHMAT)) -> Address;
    31 shmctl [ipc] (shmid: Int, cmd: Choice(SHMCTL), buf: Depends);
    32 dup [desc] (fildes: Fd) -> Fd;
    33 dup2 [desc] (oldfd: Fd, newfd: Fd) -> Fd;
    34 pause [signal] ();
    35 nanosleep [] (rqtp: in Timespec, rmtp: out Timespec);
    36 getitimer [] (which: Choice(ITIMER), value: out Itimerval);
    37 alarm [] (seconds: Uint);
    38 setitimer [] (which: Choice(ITIMER), value: in Itimerval, ovalue: out Itimerval);
    39 getpid [pure] ();
    40 sendfile [network desc] (out_fd: Fd, in_fd: Fd, offset: inout Size, count: Size);
    41 socket [network] (family: Choice(FAMILY), type: SocketType, protocol: Depends) -> Fd;
    42 connect [network] (fd: Fd, uservaddr: in Sockaddr[addrlen], addrlen: Int);
    43 accept [network] (
        fd: Fd, upeer_sockaddr: out Sockaddr[*upeer_addrlen], upeer_addrlen: inout Length
    ) -> Fd;
    44 sendto [network] (
        fd: Fd, buff: in bytes[len], len: Size, flags: Flags(MSG), addr: in Sockaddr[addr_len],
        addr_len: Uint
    );
    45 recvfrom [network] (
        fd: Fd, ubuf: out bytes[ret], size: Size, flags: Flags(MSG),
        addr: out Sockaddr[*addr_len], addr_len: inout Length
    );
    46 sendmsg [network] (fd: Fd, msg: in Msghdr, flags: Flags(MSG));
    47 recvmsg [network] (fd: Fd, msg: inout Msghdr, flags: Flags(MSG));
    48 shutdown [network] (fd: Fd, how: Choice(SHUTDOWN));
    49 bind [network] (fd: Fd, umyaddr: in Sockaddr[addrlen], addrlen: Int);
    50 listen [network] (fd: Fd, backlog: Int);
    51 getsockname [network] (
        fd: Fd, usockaddr: out Sockaddr[*usockaddr_len], usockaddr_len: inout Length
    );
    52 getpeername [network] (
        fd: Fd, usockaddr: out Sockaddr[*usockaddr_len], usockaddr_len: inout Length
    );
    53 socketpair [network] (
        family: Choice(FAMILY), type: SocketType, protocol: Size, usockvec: out [Fd; 2]
    );
    54 setsockopt [network] (
        fd: Fd, level: Choice(SOCKET_LEVEL), optname: Depends, optval: in Option[optlen],
        optlen: Int
    );
    55 getsockopt [network] (
        fd: Fd, level: Choice(SOCKET_LEVEL), optname: Depends, optval: out Option[*optlen],
        optlen: inout Length
    );
    56 clone [process] (
        clone_flags: Flags(CLONE), newsp: Pointer, parent_tidptr: out Int, child_tidptr: out Int,
        tls: Pointer
    );
    57 fork [process] ();
    58 vfork [process] ();
    59 execve [file process] (filename: in Path, argv: in Strings, envp: in Environment);
    60 exit [process] (error_code: Int);
    61 wait4 [process] (
        upid: Pid, stat_addr: out WaitStatus, options: Flags(WAIT), ru: out Rusage
    );
    62 kill [process signal] (pid: Pid, sig: Signal);
    63 uname [] (name: out Utsname);
    64 semget [ipc] (key: Key, nsems: Int, semflg: FlagsAndMode(SEMGET));
    65 semop [ipc] (semid: Int, tsops: in [Sembuf; nsops], nsops: Uint);
    66 semctl [ipc] (semid: Int, semnum: Int, cmd: Choice(SEMCTL), arg: Depends);
    67 shmdt [ipc memory] (shmaddr: Pointer);
    68 msgget [ipc] (key: Key, msgflg: FlagsAndMode(MSGGET));
    69 msgsnd [ipc] (msqid: Int, msgp: in Msgbuf[msgsz], msgsz: Size, msgflg: Flags(MSGOP));
    70 msgrcv [ipc] (
        msqid: Int, msgp: out Msgbuf[ret], msgsz: Size, msgtyp: Long, msgflg: Flags(MSGOP)
    );
    71 msgctl [ipc] (msqid: Int, cmd: Choice(MSGCTL), buf: Depends);
    72 fcntl [desc] (fd: Fd, cmd: Choice(FCNTL), arg: Depends) -> Fcntl;
    73 flock [desc] (fd: Fd, cmd: Flags(FLOCK));
    74 fsync [desc] (fd: Fd);
    75 fdatasync [desc] (fd: Fd);
    76 truncate [file] (path: in Path, length: Long);
    77 ftruncate [desc] (fd: Fd, length: Long);
    78 getdents [desc] (fd: Fd, dirent: out Dirents[ret], count: Uint);
    79 getcwd [file] (buf: out Path[ret], size: Size);
    80 chdir [file] (filename: in Path);
    81 fchdir [desc] (fd: Fd);
    82 rename [file] (oldname: in Path, newname: in Path);
    83 mkdir [file] (pathname: in Path, mode: Mode);
    84 rmdir [file] (pathname: in Path);
    85 creat [file desc] (pathname: in Path, mode: Mode) -> Fd;
    86 link [file] (oldname: in Path, newname: in Path);
    87 unlink [file] (pathname: in Path);
    88 symlink [file] (oldname: in Path, newname: in Path);
    89 readlink [file] (path: in Path, buf: out bytes[ret], bufsiz: Int);
    90 chmod [file] (filename: in Path, mode: Mode);
    91 fchmod [desc] (fd: Fd, mode: Mode);
    92 chown [file] (filename: in Path, user: Id, group: Id);
    93 fchown [desc] (fd: Fd, user: Id, group: Id);
    94 lchown [file] (filename: in Path, user: Id, group: Id);
    95 umask [] (mask: Mode) -> Octal;
    96 gettimeofday [clock] (tv: out Timeval, tz: out Timezone);
    97 getrlimit [] (resource: Choice(RLIMIT), rlim: out Rlimit);
    98 getrusage [] (who: Choice(RUSAGE), ru: out Rusage);
    99 sysinfo [] (info: out Sysinfo);
    100 times [] (tbuf: out Tms);
    101 ptrace [] (request: Choice(PTRACE), pid: Depends, addr: Depends, data: Depends);
    102 getuid [creds pure] ();
    103 syslog [] (type: Numbered(SYSLOG), buf: Depends, len: Depends);
    104 getgid [creds pure] ();
    105 setuid [creds] (uid: Id);
    106 setgid [creds] (gid: Id);
    107 geteuid [creds pure] ();
    108 getegid [creds pure] ();
    109 setpgid [] (pid: Pid, pgid: Pid);
    110 getppid [pure] ();
    111 getpgrp [pure] ();
    112 setsid [] ();
    113 setreuid [creds] (ruid: Id, euid: Id);
    114 setregid [creds] (rgid: Id, egid: Id);
    115 getgroups [creds] (gidsetsize: Int, grouplist: out [Id; ret]);
    116 setgroups [creds] (gidsetsize: Int, grouplist: in [Id; gidsetsize]);
    117 setresuid [creds] (ruid: Id, euid: Id, suid: Id);
    118 getresuid [creds] (ruidp: out Id, euidp: out Id, suidp: out Id);
    119 setresgid [creds] (rgid: Id, egid: Id, sgid: Id);
    120 getresgid [creds] (rgidp: out Id, egidp: out Id, sgidp: out Id);
    121 getpgid [] (pid: Pid);
    122 setfsuid [creds] (uid: Id);
    123 setfsgid [creds] (gid: Id);
    124 getsid [] (pid: Pid);
    125 capget [creds] (header: inout CapHeader, dataptr: out CapData);
    126 capset [creds] (header: in CapHeader, data: in CapData);
    127 rt_sigpending [signal] (uset: out PendingSignals[sigsetsize], sigsetsize: Size);
    128 rt_sigtimedwait [signal] (
        uthese: in Sigset[sigsetsize], uinfo: out Siginfo, uts: in Timespec, sigsetsize: Size
    ) -> Signal;
    129 rt_sigqueueinfo [process signal] (pid: Pid, sig: Signal, uinfo: in Siginfo);
    130 rt_sigsuspend [signal] (unewset: in Sigset[sigsetsize], sigsetsize: Size);
    131 sigaltstack [signal] (uss: in Stack, uoss: out Stack);
    132 utime [file] (filename: in Path, times: in Utimbuf);
    133 mknod [file] (filename: in Path, mode: FileMode, dev: Depends);
    134 uselib [file] (library: in Path);
    135 personality [] (personality: Personality) -> Personality;
    136 ustat [statfs_like] (dev: Device, ubuf: out Ustat);
    137 statfs [file statfs statfs_like] (pathname: in Path, buf: out Statfs);
    138 fstatfs [desc fstatfs statfs_like] (fd: Fd, buf: out Statfs);
    139 sysfs [] (option: Depends, arg1: Depends, arg2: Depends);
    140 getpriority [] (which: Choice(PRIORITY), who: Int);
    141 setpriority [] (which: Choice(PRIORITY), who: Int, niceval: Int);
    142 sched_setparam [] (pid: Pid, param: in SchedParam);
    143 sched_getparam [] (pid: Pid, param: out SchedParam);
    144 sched_setscheduler [] (pid: Pid, policy: Choice(SCHEDULER), param: in SchedParam);
    145 sched_getscheduler [] (pid: Pid) -> Scheduler;
    146 sched_get_priority_max [] (policy: Choice(SCHEDULER));
    147 sched_get_priority_min [] (policy: Choice(SCHEDULER));
    148 sched_rr_get_interval [] (pid: Pid, interval: out Timespec);
    149 mlock [memory] (start: Pointer, len: Size);
    150 munlock [memory] (start: Pointer, len: Size);
    151 mlockall [memory] (flags: Flags(MLOCKALL));
    152 munlockall [memory] ();
    153 vhangup [] ();
    154 modify_ldt [] (func: Int, ptr: inout Ldt[bytecount], bytecount: Size) -> Narrow;
    155 pivot_root [file] (new_root: in Path, put_old: in Path);
    156 _sysctl [] (args: in SysctlArguments);
    157 prctl [creds] (
        option: Choice(PRCTL), arg2: Depends, arg3: Depends, arg4: Depends, arg5: Depends
    ) -> Prctl;
    158 arch_prctl [] (option: Choice(ARCH_PRCTL), arg2: Depends);
    159 adjtimex [clock] (txc_p: inout Timex) -> Timex;
    160 setrlimit [] (resource: Choice(RLIMIT), rlim: in Rlimit);
    161 chroot [file] (filename: in Path);
    162 sync [] ();
    163 acct [file] (name: in Path);
    164 settimeofday [clock] (tv: in Timeval, tz: in Timezone);
    165 mount [file] (
        dev_name: in Path, dir_name: in Path, type: Depends, flags: MountFlags, data: Depends
    );
    166 umount2 [file] (name: in Path, flags: Flags(UMOUNT));
    167 swapon [file] (specialfile: in Path, swap_flags: SwapFlags);
    168 swapoff [file] (specialfile: in Path);
    169 reboot [] (
        magic1: Choice(REBOOT_MAGIC), magic2: Choice(REBOOT_MAGIC), cmd: Choice(REBOOT),
        arg: Depends
    );
    170 sethostname [] (name: in bytes[len], len: Int);
    171 setdomainname [] (name: in bytes[len], len: Int);
    172 iopl [] (level: Uint);
    173 ioperm [] (from: Hex, num: Hex, turn_on: Int);
    174 create_module [] (name: in CStr, size: Hex);
    175 init_module [] (umod: in bytes[len], len: Size, uargs: in CStr);
    176 delete_module [] (name: in CStr, flags: Flags(DELETE_MODULE));
    177 get_kernel_syms [] (table: Pointer);
    178 query_module [] (
        name: Pointer, which: Hex, buf: Pointer, bufsize: Hex, ret_size: Pointer
    );
    179 quotactl [file] (cmd: QuotaCommand, special: in Path, id: Depends, addr: Depends);
    180 nfsservctl [] (cmd: Hex, argp: Pointer, resp: Pointer);
    181 getpmsg [network] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex);
    182 putpmsg [network] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex);
    183 afs_syscall [] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex);
    184 tuxcall [] (arg1: Hex, arg2: Hex, arg3: Hex);
    185 security [] (arg1: Hex, arg2: Hex, arg3: Hex);
    186 gettid [pure] ();
    187 readahead [desc] (fd: Fd, offset: Long, count: Size);
    188 setxattr [file] (
        pathname: in Path, name: in CStr, value: in Attribute[size], size: Size, flags: Flags(XATTR)
    );
    189 lsetxattr [file] (
        pathname: in Path, name: in CStr, value: in Attribute[size], size: Size, flags: Flags(XATTR)
    );
    190 fsetxattr [desc] (
        fd: Fd, name: in CStr, value: in Attribute[size], size: Size, flags: Flags(XATTR)
    );
    191 getxattr [file] (pathname: in Path, name: in CStr, value: out Attribute[ret], size: Size);
    192 lgetxattr [file] (pathname: in Path, name: in CStr, value: out Attribute[ret], size: Size);
    193 fgetxattr [desc] (fd: Fd, name: in CStr, value: out Attribute[ret], size: Size);
    194 listxattr [file] (pathname: in Path, list: out AttributeNames[ret], size: Size);
    195 llistxattr [file] (pathname: in Path, list: out AttributeNames[ret], size: Size);
    196 flistxattr [desc] (fd: Fd, list: out AttributeNames[ret], size: Size);
    197 removexattr [file] (pathname: in Path, name: in CStr);
    198 lremovexattr [file] (pathname: in Path, name: in CStr);
    199 fremovexattr [desc] (fd: Fd, name: in CStr);
    200 tkill [process signal] (pid: Pid, sig: Signal);
    201 time [clock] (tloc: out Time) -> Time;
    202 futex [] (
        uaddr: Pointer, op: FutexOperation, val: Depends, utime: Depends, uaddr2: Depends,
        val3: Depends
    );
    203 sched_setaffinity [] (pid: Pid, len: Uint, user_mask_ptr: in CpuSet[len]);
    204 sched_getaffinity [] (pid: Pid, len: Uint, user_mask_ptr: out CpuSet[ret]);
    205 set_thread_area [] (u_info: Pointer);
    206 io_setup [memory] (nr_events: Uint, ctxp: out Address);
    207 io_destroy [memory] (ctx: Pointer);
    208 io_getevents [] (
        ctx_id: Pointer, min_nr: Long, nr: Long, events: out [IoEvent; ret], timeout: in Timespec
    );
    209 io_submit [] (ctx_id: Pointer, nr: Long, iocbpp: in [IocbAddress; nr]);
    210 io_cancel [] (ctx_id: Pointer, iocb: in Iocb, result: out IoEvent);
    211 get_thread_area [] (u_info: Pointer);
    212 lookup_dcookie [] (cookie64: Size, buf: out bytes[ret], len: Size);
    213 epoll_create [desc] (size: Int) -> Fd;
    214 epoll_ctl_old [] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex);
    215 epoll_wait_old [] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex);
    216 remap_file_pages [memory] (
        start: Pointer, size: Size, prot: Flags(PROTECTION), pgoff: Size, flags: MapFlags
    );
    217 getdents64 [desc] (fd: Fd, dirent: out Dirents64[ret], count: Uint);
    218 set_tid_address [] (tidptr: Pointer);
    219 restart_syscall [] ();
    220 semtimedop [ipc] (
        semid: Int, tsops: in [Sembuf; nsops], nsops: Uint, timeout: in Timespec
    );
    221 fadvise64 [desc] (fd: Fd, offset: Long, len: Size, advice: Choice(FADVISE));
    222 timer_create [] (
        which_clock: Choice(CLOCK), timer_event_spec: in Sigevent, created_timer_id: out Int
    );
    223 timer_settime [] (
        timer_id: Int, flags: Flags(TIMER), new_setting: in Itimerspec,
        old_setting: out Itimerspec
    );
    224 timer_gettime [] (timer_id: Int, setting: out Itimerspec);
    225 timer_getoverrun [] (timer_id: Int);
    226 timer_delete [] (timer_id: Int);
    227 clock_settime [clock] (which_clock: Choice(CLOCK), tp: in Timespec);
    228 clock_gettime [clock] (which_clock: Choice(CLOCK), tp: out Timespec);
    229 clock_getres [clock] (which_clock: Choice(CLOCK), tp: out Timespec);
    230 clock_nanosleep [] (
        which_clock: Choice(CLOCK), flags: Flags(TIMER), rqtp: in Timespec, rmtp: out Timespec
    );
    231 exit_group [process] (error_code: Int);
    232 epoll_wait [desc] (epfd: Fd, events: out [EpollEvent; ret], maxevents: Int, timeout: Int);
    233 epoll_ctl [desc] (epfd: Fd, op: Choice(EPOLL_CTL), fd: Fd, event: Depends);
    234 tgkill [process signal] (tgid: Pid, pid: Pid, sig: Signal);
    235 utimes [file] (filename: in Path, utimes: in [UpdateTimeval; 2]);
    236 vserver [] (arg1: Hex, arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex);
    237 mbind [memory] (
        start: Pointer, len: Size, mode: MemoryPolicy64, nmask: in NodeMask[maxnode],
        maxnode: Size, flags: Flags(MEMORY_POLICY_MOVE)
    );
    238 set_mempolicy [memory] (
        mode: MemoryPolicy, nmask: in NodeMask[maxnode], maxnode: Size
    );
    239 get_mempolicy [memory] (
        policy: out MemoryPolicy, nmask: out NodeMask[maxnode], maxnode: Size, addr: Pointer,
        flags: Flags(MEMORY_POLICY_GET)
    );
    240 mq_open [desc] (u_name: in Path, oflag: OpenFlags, mode: Depends, u_attr: Depends) -> Fd;
    241 mq_unlink [] (u_name: in Path);
    242 mq_timedsend [desc] (
        mqdes: Fd, u_msg_ptr: in bytes[msg_len], msg_len: Size, msg_prio: Uint,
        u_abs_timeout: in Timespec
    );
    243 mq_timedreceive [desc] (
        mqdes: Fd, u_msg_ptr: out bytes[ret], msg_len: Size, u_msg_prio: out Uint,
        u_abs_timeout: in Timespec
    );
    244 mq_notify [desc] (mqdes: Fd, u_notification: in Sigevent);
    245 mq_getsetattr [desc] (mqdes: Fd, u_mqstat: in MqAttr, u_omqstat: out MqAttr);
    246 kexec_load [] (entry: Pointer, nr_segments: Size, segments: in [KexecSegment; nr_segments], flags: KexecFlags);
    247 waitid [process] (
        which: Choice(WAIT_WHICH), upid: Pid, infop: out Siginfo, options: Flags(WAIT),
        ru: out Rusage
    );
    248 add_key [] (
        _type: in CStr, _description: in CStr, _payload: in bytes[plen], plen: Size,
        ringid: KeySerial
    );
    249 request_key [] (
        _type: in CStr, _description: in CStr, _callout_info: in CStr, destringid: KeySerial
    );
    250 keyctl [] (
        option: Choice(KEYCTL), arg2: Depends, arg3: Depends, arg4: Depends, arg5: Depends
    );
    251 ioprio_set [] (which: Choice(IOPRIO_WHO), who: Int, ioprio: Ioprio);
    252 ioprio_get [] (which: Choice(IOPRIO_WHO), who: Int) -> Ioprio;
    253 inotify_init [desc] () -> Fd;
    254 inotify_add_watch [file desc] (fd: Fd, pathname: in Path, mask: Flags(INOTIFY));
    255 inotify_rm_watch [desc] (fd: Fd, wd: Int);
    256 migrate_pages [memory] (
        pid: Pid, maxnode: Size, old_nodes: in NodeMask[maxnode], new_nodes: in NodeMask[maxnode]
    );
    257 openat [file desc] (
        dfd: Directory, filename: in Path, flags: OpenFlags, mode: Depends
    ) -> Fd;
    258 mkdirat [file desc] (dfd: Directory, pathname: in Path, mode: Mode);
    259 mknodat [file desc] (dfd: Directory, filename: in Path, mode: FileMode, dev: Depends);
    260 fchownat [file desc] (
        dfd: Directory, filename: in Path, user: Id, group: Id, flag: Flags(AT)
    );
    261 futimesat [file desc] (dfd: Directory, filename: in Path, utimes: in [UpdateTimeval; 2]);
    262 newfstatat [file desc fstat stat_like] (
        dfd: Directory, filename: in Path, statbuf: out Stat, flag: Flags(AT)
    );
    263 unlinkat [file desc] (dfd: Directory, pathname: in Path, flag: Flags(AT));
    264 renameat [file desc] (
        olddfd: Directory, oldname: in Path, newdfd: Directory, newname: in Path
    );
    265 linkat [file desc] (
        olddfd: Directory, oldname: in Path, newdfd: Directory, newname: in Path, flags: Flags(AT)
    );
    266 symlinkat [file desc] (oldname: in Path, newdfd: Directory, newname: in Path);
    267 readlinkat [file desc] (
        dfd: Directory, pathname: in Path, buf: out bytes[ret], bufsiz: Int
    );
    268 fchmodat [file desc] (dfd: Directory, filename: in Path, mode: Mode);
    269 faccessat [file desc] (dfd: Directory, filename: in Path, mode: Flags(ACCESS));
    270 pselect6 [desc] (
        n: Int, inp: inout FdSet[n], outp: inout FdSet[n], exp: inout FdSet[n],
        tsp: inout Timespec, sig: in SigsetAndSize
    ) -> Select;
    271 ppoll [desc] (
        ufds: inout [Pollfd; nfds], nfds: Uint, tsp: inout Timespec,
        sigmask: in Sigset[sigsetsize], sigsetsize: Size
    ) -> Poll;
    272 unshare [] (unshare_flags: Flags(CLONE_UNSHARE));
    273 set_robust_list [] (head: Pointer, len: Size);
    274 get_robust_list [] (pid: Int, head_ptr: out Address, len_ptr: out Size);
    275 splice [desc] (
        fd_in: Fd, off_in: inout Long, fd_out: Fd, off_out: inout Long, len: Size,
        flags: Flags(SPLICE)
    );
    276 tee [desc] (fdin: Fd, fdout: Fd, len: Size, flags: Flags(SPLICE));
    277 sync_file_range [desc] (
        fd: Fd, offset: Long, nbytes: Long, flags: Flags(SYNC_FILE_RANGE)
    );
    278 vmsplice [desc] (fd: Fd, uiov: in [Iovec; nr_segs], nr_segs: Size, flags: Flags(SPLICE));
    279 move_pages [memory] (
        pid: Pid, nr_pages: Size, pages: in [Address; nr_pages], nodes: in [Int; nr_pages],
        status: out [PageStatus; nr_pages], flags: Flags(MEMORY_POLICY_MOVE)
    );
    280 utimensat [file desc] (
        dfd: Directory, filename: in Path, utimes: in [UpdateTime; 2], flags: Flags(AT)
    );
    281 epoll_pwait [desc] (
        epfd: Fd, events: out [EpollEvent; ret], maxevents: Int, timeout: Int,
        sigmask: in Sigset[sigsetsize], sigsetsize: Size
    );
    282 signalfd [signal desc] (ufd: Fd, user_mask: in Sigset[sizemask], sizemask: Size) -> Fd;
    283 timerfd_create [desc] (clockid: Choice(CLOCK), flags: Flags(TIMERFD_CREATE)) -> Fd;
    284 eventfd [desc] (count: Uint) -> Fd;
    285 fallocate [desc] (fd: Fd, mode: Flags(FALLOCATE), offset: Long, len: Long);
    286 timerfd_settime [desc] (
        ufd: Fd, flags: Flags(TIMERFD_SET), utmr: in Itimerspec, otmr: out Itimerspec
    );
    287 timerfd_gettime [desc] (ufd: Fd, otmr: out Itimerspec);
    288 accept4 [network] (
        fd: Fd, upeer_sockaddr: out Sockaddr[*upeer_addrlen], upeer_addrlen: inout Length,
        flags: Flags(SOCKET_FLAGS)
    ) -> Fd;
    289 signalfd4 [signal desc] (
        ufd: Fd, user_mask: in Sigset[sizemask], sizemask: Size, flags: Flags(SIGNALFD)
    ) -> Fd;
    290 eventfd2 [desc] (count: Uint, flags: Flags(EVENTFD)) -> Fd;
    291 epoll_create1 [desc] (flags: Flags(EPOLL_CREATE)) -> Fd;
    292 dup3 [desc] (oldfd: Fd, newfd: Fd, flags: Flags(OPEN32)) -> Fd;
    293 pipe2 [desc] (fildes: out [Fd; 2], flags: Flags(OPEN32));
    294 inotify_init1 [desc] (flags: Flags(INOTIFY_INIT)) -> Fd;
    295 preadv [desc] (fd: Fd, vec: in [Buffers; vlen], vlen: Size, pos_l: Long, pos_h: Depends);
    296 pwritev [desc] (fd: Fd, vec: in [Iovec; vlen], vlen: Size, pos_l: Long, pos_h: Depends);
    297 rt_tgsigqueueinfo [process signal] (tgid: Pid, pid: Pid, sig: Signal, uinfo: in Siginfo);
    298 perf_event_open [desc] (
        attr_uptr: in PerfEventAttr, pid: Pid, cpu: Int, group_fd: Fd,
        flags: Flags(PERF_EVENT_OPEN)
    ) -> Fd;
    299 recvmmsg [network] (
        fd: Fd, mmsg: inout [Mmsghdr; ret], vlen: Uint, flags: Flags(MSG), timeout: inout Timespec
    ) -> Messages;
    300 fanotify_init [desc] (flags: FanotifyInit, event_f_flags: OpenFlags) -> Fd;
    301 fanotify_mark [file desc] (
        fanotify_fd: Fd, flags: Flags(FANOTIFY_MARK), mask: Flags(FANOTIFY_EVENT), dfd: MarkedDirectory,
        pathname: in Path
    );
    302 prlimit64 [] (
        pid: Pid, resource: Choice(RLIMIT), new_rlim: in Rlimit, old_rlim: out Rlimit
    );
    303 name_to_handle_at [file desc] (
        dfd: Directory, name: in Path, handle: inout FileHandle, mnt_id: out Int, flag: Flags(AT)
    );
    304 open_by_handle_at [desc] (mountdirfd: Fd, handle: in FileHandle, flags: OpenFlags) -> Fd;
    305 clock_adjtime [clock] (which_clock: Choice(CLOCK), utx: inout Timex) -> Timex;
    306 syncfs [desc] (fd: Fd);
    307 sendmmsg [network] (fd: Fd, mmsg: inout [Mmsghdr; vlen], vlen: Uint, flags: Flags(MSG));
    308 setns [desc] (fd: Fd, flags: Flags(CLONE_NEW));
    309 getcpu [] (cpup: out Uint, nodep: out Uint, unused: Pointer);
    310 process_vm_readv [] (
        pid: Pid, lvec: in [Buffers; liovcnt], liovcnt: Size, rvec: in [RemoteIovec; riovcnt],
        riovcnt: Size, flags: Size
    );
    311 process_vm_writev [] (
        pid: Pid, lvec: in [Iovec; liovcnt], liovcnt: Size, rvec: in [RemoteIovec; riovcnt],
        riovcnt: Size, flags: Size
    );
    312 kcmp [] (pid1: Pid, pid2: Pid, type: Choice(KCMP), idx1: Depends, idx2: Depends);
    313 finit_module [desc] (fd: Fd, uargs: in CStr, flags: Flags(MODULE_INIT));
    314 sched_setattr [] (pid: Pid, uattr: in SchedRequest, flags: Uint);
    315 sched_getattr [] (pid: Pid, uattr: out SchedAttr[usize], usize: Uint, flags: Uint);
    316 renameat2 [file desc] (
        olddfd: Directory, oldname: in Path, newdfd: Directory, newname: in Path,
        flags: Flags(RENAME)
    );
    317 seccomp [] (op: Choice(SECCOMP), flags: Depends, uargs: Depends);
    318 getrandom [] (ubuf: out Opaque[ret], len: Size, flags: Flags(RANDOM));
    319 memfd_create [desc] (uname: in MemfdName, flags: MemfdFlags) -> Fd;
    320 kexec_file_load [desc] (
        kernel_fd: Fd, initrd_fd: Fd, cmdline_len: Size, cmdline: in bytes[cmdline_len],
        flags: Flags(KEXEC_FILE)
    );
    321 bpf [desc] (cmd: Choice(BPF), uattr: inout BpfAttr[size], size: Uint);
    322 execveat [file process desc] (
        fd: Directory, filename: in Path, argv: in Strings, envp: in Environment, flags: Flags(AT)
    );
    323 userfaultfd [desc] (flags: Flags(USERFAULTFD)) -> Fd;
    324 membarrier [] (cmd: Choice(MEMBARRIER), flags: Flags(MEMBARRIER_FLAGS), cpu_id: Depends) -> Membarrier;
    325 mlock2 [memory] (start: Pointer, len: Size, flags: Flags(MLOCK2));
    326 copy_file_range [desc] (
        fd_in: Fd, off_in: inout Long, fd_out: Fd, off_out: inout Long, len: Size, flags: Uint
    );
    327 preadv2 [desc] (
        fd: Fd, vec: in [Buffers; vlen], vlen: Size, pos_l: Long, pos_h: Depends,
        flags: Flags(RWF)
    );
    328 pwritev2 [desc] (
        fd: Fd, vec: in [Iovec; vlen], vlen: Size, pos_l: Long, pos_h: Depends, flags: Flags(RWF)
    );
    329 pkey_mprotect [memory] (start: Pointer, len: Size, prot: Flags(PROTECTION), pkey: Int);
    330 pkey_alloc [] (flags: Hex, init_val: Flags(PKEY_ACCESS));
    331 pkey_free [] (pkey: Int);
    332 statx [file desc fstat stat_like] (
        dfd: Directory, filename: in Path, flags: StatxFlags, mask: Flags(STATX),
        buffer: out Statx
    );
    333 io_pgetevents [] (
        ctx_id: Pointer, min_nr: Long, nr: Long, events: out [IoEvent; ret], timeout: in Timespec,
        usig: in SigsetAndSize
    );
    334 rseq [] (rseq: Pointer, rseq_len: Hex32, flags: Flags(RSEQ), sig: Hex32);
    335 uretprobe [] ();
    336 uprobe [] ();
    424 pidfd_send_signal [process signal desc] (
        pidfd: Fd, sig: Signal, info: in Siginfo, flags: Hex32
    );
    425 io_uring_setup [desc] (entries: Uint, params: inout IoUringParams) -> Fd;
    426 io_uring_enter [signal desc] (
        fd: Fd, to_submit: Uint, min_complete: Uint, flags: Flags(IO_URING_ENTER),
        argp: in Pointer, argsz: Size
    );
    427 io_uring_register [desc memory] (
        fd: Fd, opcode: Choice(IO_URING_REGISTER), arg: Pointer, nr_args: Uint
    );
    428 open_tree [file desc] (dfd: Directory, filename: in Path, flags: Flags(OPEN_TREE)) -> Fd;
    429 move_mount [file desc] (
        from_dfd: Directory, from_pathname: in Path, to_dfd: Directory, to_pathname: in Path,
        flags: Flags(MOVE_MOUNT)
    );
    430 fsopen [desc] (_fs_name: in CStr, flags: Flags(FSOPEN)) -> Fd;
    431 fsconfig [file desc] (
        fd: Fd, cmd: Choice(FSCONFIG), _key: in CStr, _value: Depends, aux: Int
    );
    432 fsmount [desc] (fs_fd: Fd, flags: Flags(FSMOUNT), attr_flags: Flags(MOUNT_ATTR)) -> Fd;
    433 fspick [file desc] (dfd: Directory, path: in Path, flags: Flags(FSPICK)) -> Fd;
    434 pidfd_open [desc] (pid: Pid, flags: Flags(PIDFD_OPEN)) -> Fd;
    435 clone3 [process] (uargs: inout CloneArgs[size], size: Size);
    436 close_range [] (fd: Uint, max_fd: Uint, flags: Flags(CLOSE_RANGE));
    437 openat2 [file desc] (
        dfd: Directory, filename: in Path, how: in OpenHow[usize], usize: Size
    ) -> Fd;
    438 pidfd_getfd [desc] (pidfd: Fd, fd: Fd, flags: Hex32) -> Fd;
    439 faccessat2 [file desc] (
        dfd: Directory, filename: in Path, mode: Flags(ACCESS), flags: Flags(AT_ACCESS)
    );
    440 process_madvise [desc] (
        pidfd: Fd, vec: in [RemoteIovec; vlen], vlen: Size, behavior: Choice(MADVISE),
        flags: Hex32
    );
    441 epoll_pwait2 [desc] (
        epfd: Fd, events: out [EpollEvent; ret], maxevents: Int, timeout: in Timespec,
        sigmask: in Sigset[sigsetsize], sigsetsize: Size
    );
    442 mount_setattr [file desc] (
        dfd: Directory, path: in Path, flags: Flags(AT_MOUNT), uattr: in MountAttr[usize],
        usize: Size
    );
    443 quotactl_fd [desc] (fd: Fd, cmd: QuotaCommand, id: Depends, addr: Depends);
    444 landlock_create_ruleset [desc] (
        attr: in LandlockRuleset[size], size: Size, flags: Flags(LANDLOCK_CREATE)
    ) -> Fd;
    445 landlock_add_rule [desc] (
        ruleset_fd: Fd, rule_type: Choice(LANDLOCK_RULE), rule_attr: in LandlockRule, flags: Hex32
    );
    446 landlock_restrict_self [desc] (ruleset_fd: Fd, flags: Hex32);
    447 memfd_secret [desc] (flags: Flags(MEMFD_SECRET)) -> Fd;
    448 process_mrelease [desc] (pidfd: Fd, flags: Hex32);
    449 futex_waitv [] (
        waiters: in [FutexWaitv; nr_futexes], nr_futexes: Uint, flags: Hex32,
        timeout: in Timespec, clockid: Choice(CLOCK)
    );
    450 set_mempolicy_home_node [memory] (start: Pointer, len: Size, home_node: Size, flags: Hex);
    451 cachestat [desc] (
        fd: Fd, cstat_range: in CachestatRange, cstat: out Cachestat, flags: Hex32
    );
    452 fchmodat2 [desc file] (dfd: Directory, filename: in Path, mode: Mode, flags: Flags(AT));
    453 map_shadow_stack [memory] (
        addr: Pointer, size: Size, flags: Flags(SHADOW_STACK)
    ) -> Address;
    454 futex_wake [] (uaddr: Pointer, mask: Hex, nr: Int, flags: Flags(FUTEX2));
    455 futex_wait [] (
        uaddr: Pointer, val: Hex, mask: Hex, flags: Flags(FUTEX2), timeout: in Timespec,
        clockid: Choice(CLOCK)
    );
    456 futex_requeue [] (
        waiters: in [FutexWaitv; 2], flags: Hex32, nr_wake: Int, nr_requeue: Int
    );
    457 statmount [] (
        req: in MountIdRequest, buf: out Statmount[bufsize], bufsize: Size, flags: Hex32
    );
    458 listmount [] (
        req: in MountIdRequest, mnt_ids: out [ULong; ret], nr_mnt_ids: Size,
        flags: Flags(LISTMOUNT)
    );
    459 lsm_get_self_attr [] (
        attr: Choice(LSM_ATTRIBUTE), ctx: out LsmContext[*size], size: inout Length,
        flags: Flags(LSM_FLAGS)
    );
    460 lsm_set_self_attr [] (
        attr: Choice(LSM_ATTRIBUTE), ctx: in LsmContext[size], size: Uint, flags: Hex32
    );
    461 lsm_list_modules [] (ids: out [ULong; ret], size: inout Length, flags: Hex32);
    462 mseal [memory] (start: Pointer, len: Size, flags: Hex);
    463 setxattrat [desc file] (
        dfd: Directory, pathname: in Path, at_flags: Flags(AT), name: in CStr,
        args: in XattrArgs[usize], usize: Size
    );
    464 getxattrat [desc file] (
        dfd: Directory, pathname: in Path, at_flags: Flags(AT), name: in CStr,
        args: inout XattrArgs[usize], usize: Size
    );
    465 listxattrat [desc file] (
        dfd: Directory, pathname: in Path, at_flags: Flags(AT), list: out AttributeNames[ret], size: Size
    );
    466 removexattrat [desc file] (
        dfd: Directory, pathname: in Path, at_flags: Flags(AT), name: in CStr
    );
    467 open_tree_attr [desc file] (
        dfd: Directory, filename: in Path, flags: Flags(OPEN_TREE), uattr: in MountAttr[usize],
        usize: Size
    ) -> Fd;
    468 file_getattr [desc file] (
        dfd: Directory, filename: in Path, ufattr: out FileAttr[usize], usize: Size,
        at_flags: Flags(AT)
    );
    469 file_setattr [desc file] (
        dfd: Directory, filename: in Path, ufattr: in FileAttr[usize], usize: Size,
        at_flags: Flags(AT)
    );
}
