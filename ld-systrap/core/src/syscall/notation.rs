//! The notation of the tables of calls: macros that turn it into descriptions. An entry reads
//!
//! `number name [classes] (argument: what it is, …) -> result;`
//!
//! where an argument is a value (`Fd`, `Flags(PROTECTION)`) or memory: `in Path`, `out Stat`,
//! `out bytes[ret]` (as many bytes as the call returns), `in [Iovec; vlen]` (as many elements as
//! another argument says), `in OpenHow[size]` (as many bytes), `out Sockaddr[*length]` (as many
//! bytes as another argument points to). `Depends` is an argument whose meaning another one decides.

/// Builds the descriptions from the notation that the head of this file explains.
macro_rules! calls {
    ($table:ident: $(
        $number:literal $name:ident [$($class:ident)*] ($($arguments:tt)*) $(-> $outcome:ident)?;
    )*) => {
        /// Every call, in ascending order of its number.
        pub(super) static $table: &[Description] = &[$(Description {
            number: $number,
            name: stringify!($name),
            classes: Classes::of(&[$(calls!(@class $class)),*]),
            arguments: arguments!([$($arguments)*] $($arguments)*),
            outcome: calls!(@outcome $($outcome)?),
        }),*];
    };
    (@class desc) => { Class::Descriptor };
    (@class file) => { Class::File };
    (@class memory) => { Class::Memory };
    (@class process) => { Class::Process };
    (@class signal) => { Class::Signal };
    (@class ipc) => { Class::Ipc };
    (@class network) => { Class::Network };
    (@class creds) => { Class::Credentials };
    (@class clock) => { Class::Clock };
    (@class stat) => { Class::Stat };
    (@class lstat) => { Class::Lstat };
    (@class fstat) => { Class::Fstat };
    (@class stat_like) => { Class::StatLike };
    (@class statfs) => { Class::Statfs };
    (@class fstatfs) => { Class::Fstatfs };
    (@class statfs_like) => { Class::StatfsLike };
    (@class pure) => { Class::Pure };
    (@outcome) => { Outcome::Decimal };
    (@outcome $outcome:ident) => { Outcome::$outcome };
}
pub(super) use calls;

/// The arguments of one call; `$all` repeats them, so that extents can name their neighbours.
macro_rules! arguments {
    ($all:tt $($name:ident: $($word:ident)+ $(($set:ident))? $([$($extent:tt)*])?),*) => {
        &[$(arguments!(@one $all $name ($($word)+) ($($set)?) [$($($extent)*)?])),*]
    };
    (@one $all:tt $name:ident (in $($rest:tt)*) () $extent:tt) => {
        arguments!(@memory $all $name In ($($rest)*) $extent)
    };
    (@one $all:tt $name:ident (out $($rest:tt)*) () $extent:tt) => {
        arguments!(@memory $all $name Out ($($rest)*) $extent)
    };
    (@one $all:tt $name:ident (inout $($rest:tt)*) () $extent:tt) => {
        arguments!(@memory $all $name InOut ($($rest)*) $extent)
    };
    (@one $all:tt $name:ident ($kind:ident) () []) => {
        arguments!(@make $name Value (Kind::$kind) Extent::Value)
    };
    (@one $all:tt $name:ident ($kind:ident) ($set:ident) []) => {
        arguments!(@make $name Value (Kind::$kind(&values::$set)) Extent::Value)
    };
    (@memory $all:tt $name:ident $direction:ident () [$shape:ident; $($count:tt)*]) => {
        arguments!(@make $name $direction (Kind::Memory(Shape::$shape))
            Extent::Elements(arguments!(@length $all $($count)*)))
    };
    (@memory $all:tt $name:ident $direction:ident (bytes) [$($length:tt)*]) => {
        arguments!(@make $name $direction (Kind::Memory(Shape::Bytes))
            Extent::Bytes(arguments!(@length $all $($length)*)))
    };
    (@memory $all:tt $name:ident $direction:ident ($shape:ident) []) => {
        arguments!(@make $name $direction (Kind::Memory(Shape::$shape)) Extent::Shape)
    };
    (@memory $all:tt $name:ident $direction:ident ($shape:ident) [$($length:tt)*]) => {
        arguments!(@make $name $direction (Kind::Memory(Shape::$shape))
            Extent::Bytes(arguments!(@length $all $($length)*)))
    };
    (@length $all:tt ret) => { Length::Result };
    (@length $all:tt $count:literal) => { Length::Fixed($count) };
    (@length $all:tt * $other:ident) => {
        Length::Pointed(position(arguments!(@names $all), stringify!($other)))
    };
    (@length $all:tt $other:ident) => {
        Length::Argument(position(arguments!(@names $all), stringify!($other)))
    };
    (@names [$($name:ident: $($word:ident)+ $(($set:ident))? $([$($extent:tt)*])?),*]) => {
        &[$(stringify!($name)),*]
    };
    (@make $name:ident $direction:ident ($kind:expr) $extent:expr) => {
        Argument {
            name: stringify!($name),
            direction: Direction::$direction,
            kind: $kind,
            extent: $extent,
        }
    };
}
pub(super) use arguments;

/// Which of `names` is `name`; an extent that names no neighbour does not compile.
pub(super) const fn position(names: &[&str], name: &str) -> usize {
    let mut index = 0;
    while index < names.len() {
        if equal(names[index].as_bytes(), name.as_bytes()) {
            return index;
        }
        index += 1;
    }
    panic!("an extent names an argument that the call does not have")
}

/// Whether two strings are the same, at compile time.
const fn equal(left: &[u8], right: &[u8]) -> bool {
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len() && index == right.len()
}
