//! Times of files and of the day, with the date that they stand for.

use super::printer::{Printer, u64_at};
use core::fmt::{self, Write};

/// Writes one of utimensat's times from a copy of `struct timespec`.
pub(super) fn write_update_time(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    match u64_at(bytes, 8) {
        0x3fff_ffff => to.write_str("UTIME_NOW"),
        0x3fff_fffe => to.write_str("UTIME_OMIT"),
        nanoseconds => {
            let seconds = u64_at(bytes, 0) as i64;
            write!(to, "{{tv_sec={seconds}, tv_nsec={nanoseconds}}}")?;
            write_comment(to, seconds, nanoseconds, 9)
        }
    }
}

/// Writes one of utimes' times from a copy of `struct timeval`.
pub(super) fn write_update_timeval(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let (seconds, microseconds) = (u64_at(bytes, 0) as i64, u64_at(bytes, 8));
    write!(to, "{{tv_sec={seconds}, tv_usec={microseconds}}}")?;
    write_comment(to, seconds, microseconds, 6)
}

/// Writes seconds since 1970 with their date.
pub(super) fn write_seconds(to: &mut Printer<'_>, seconds: i64) -> fmt::Result {
    write!(to, "{seconds}")?;
    write_comment(to, seconds, 0, 0)
}

/// Writes the result of time(2).
pub(super) fn write_now(to: &mut Printer<'_>, seconds: i64) -> fmt::Result {
    write!(to, "{seconds}")?;
    match Date::new(seconds) {
        Some(date) if seconds != 0 => write!(to, " ({date}+0000)"),
        _ => Ok(()),
    }
}

/// Writes the date of a time as a comment, with `digits` of a fraction that is not 0. The beginning of
/// 1970 has none, as it most often is no time at all.
fn write_comment(to: &mut Printer<'_>, seconds: i64, fraction: u64, digits: u32) -> fmt::Result {
    if seconds == 0 && fraction == 0 || digits > 0 && fraction >= 10_u64.pow(digits) {
        return Ok(());
    }
    let Some(date) = Date::new(seconds) else {
        return Ok(());
    };
    write!(to, " /* {date}")?;
    if fraction > 0 {
        write!(to, ".{fraction:0width$}", width = digits as usize)?;
    }
    to.write_str("+0000 */")
}

/// A date of the Gregorian calendar and a time of day, in UTC: an interpreter knows of no other zone.
struct Date {
    year: i64,
    month: i64,
    day: i64,
    second: i64,
}

impl Date {
    /// The date of a time, if its year is one that the C library can tell.
    fn new(seconds: i64) -> Option<Date> {
        const DAY: i64 = 86_400;
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": an era is 400 years, and a
        // year begins in March.
        const ERA: i64 = 146_097;
        let days = seconds.div_euclid(DAY) + 719_468;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = era * 400 + year + i64::from(month <= 2);
        i32::try_from(year - 1900).ok().map(|_| Date {
            year,
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            second: seconds.rem_euclid(DAY),
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date {
            year, month, day, ..
        } = self;
        let (hour, minute, second) = (self.second / 3600, self.second / 60 % 60, self.second % 60);
        write!(
            to,
            "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
    }
}
