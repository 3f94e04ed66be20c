//! Names of values that System V and POSIX interprocess calls take.
//!
//! In the order in which they are written when several are set.

use super::{Names, names};

names! {
    SHMGET: 32 "SHM_???" {
        IPC_CREAT = 0x200, IPC_EXCL = 0x400, SHM_HUGETLB = 0x800, SHM_NORESERVE = 0x1000,
    }
    SEMGET: 32 "IPC_???" {
        IPC_CREAT = 0x200, IPC_EXCL = 0x400,
    }
    MSGGET: 32 "IPC_???" {
        IPC_CREAT = 0x200, IPC_EXCL = 0x400,
    }
    SHMAT: 32 "SHM_???" {
        SHM_RDONLY = 0x1000, SHM_RND = 0x2000, SHM_REMAP = 0x4000, SHM_EXEC = 0x8000,
    }
    MSGOP: 32 "MSG_???" {
        MSG_NOERROR = 0x1000, MSG_EXCEPT = 0x2000, MSG_COPY = 0x4000, IPC_NOWAIT = 0x800,
    }
    SEMOP: 16 "SEM_???" {
        SEM_UNDO = 0x1000, IPC_NOWAIT = 0x800,
    }
    SHMCTL: 32 "SHM_???" {
        IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3, SHM_STAT = 0xd, SHM_INFO = 0xe,
        SHM_STAT_ANY = 0xf, SHM_LOCK = 0xb, SHM_UNLOCK = 0xc,
    }
    SEMCTL: 32 "SEM_???" {
        IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3, SEM_STAT = 0x12, SEM_INFO = 0x13,
        SEM_STAT_ANY = 0x14, GETPID = 0xb, GETVAL = 0xc, GETALL = 0xd, GETNCNT = 0xe,
        GETZCNT = 0xf, SETVAL = 0x10, SETALL = 0x11,
    }
    MSGCTL: 32 "MSG_???" {
        IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3, MSG_STAT = 0xb, MSG_INFO = 0xc,
        MSG_STAT_ANY = 0xd,
    }
}
