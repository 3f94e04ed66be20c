//! Extended regular expressions over names of calls, as far as such names need them.
//!
//! `.`, `[…]`, `*`, `+`, `?`, `|`, `(…)`, `^`, `$` and letters. Matching follows every position that may
//! be reached at once, so that no expression takes long.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::Bytes;

/// How deep groups may be nested.
const DEPTH: usize = 16;

/// An expression.
pub(super) struct Pattern(Node);

/// A part of an expression.
enum Node {
    Start,
    End,
    Character(Characters),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    /// Something that may be missing, or there more than once.
    Repeat {
        node: Box<Node>,
        may_miss: bool,
        many: bool,
    },
}

/// A set of characters.
enum Characters {
    Any,
    One(u8),
    Ranges {
        negated: bool,
        ranges: Vec<(u8, u8)>,
    },
}

impl Pattern {
    /// Reads an expression; `None` when it is not one, or uses more than is known here.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let mut bytes = text.bytes().peekable();
        let node = alternatives(&mut bytes, DEPTH)?;
        bytes.next().is_none().then_some(Pattern(node))
    }

    /// Whether it occurs in `name`, of which the first 127 bytes count.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let name = name.get(..127).unwrap_or(name);
        let everywhere = u128::MAX >> (127 - name.len());
        self.0.follow(name, everywhere) != 0
    }
}

/// Reads up to the end, or up to the parenthesis that closes a group.
fn alternatives(bytes: &mut Peekable<Bytes<'_>>, depth: usize) -> Option<Node> {
    let depth = depth.checked_sub(1)?;
    let mut found = Vec::new();
    loop {
        found.push(sequence(bytes, depth)?);
        if bytes.next_if_eq(&b'|').is_none() {
            return Some(Node::Alternatives(found));
        }
    }
}

fn sequence(bytes: &mut Peekable<Bytes<'_>>, depth: usize) -> Option<Node> {
    let mut found = Vec::new();
    while let Some(byte) = bytes.next_if(|byte| !matches!(byte, b'|' | b')')) {
        let node = match byte {
            b'^' => Node::Start,
            b'$' => Node::End,
            b'.' => Node::Character(Characters::Any),
            b'[' => Node::Character(set(bytes)?),
            b'(' => {
                let group = alternatives(bytes, depth)?;
                bytes.next_if_eq(&b')')?;
                group
            }
            b'*' | b'+' | b'?' => {
                let (may_miss, many) = (byte != b'+', byte != b'?');
                Node::Repeat {
                    node: Box::new(found.pop()?),
                    may_miss,
                    many,
                }
            }
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                Node::Character(Characters::One(byte))
            }
            _ => return None,
        };
        found.push(node);
    }
    Some(Node::Sequence(found))
}

/// Reads what follows an opening bracket.
fn set(bytes: &mut Peekable<Bytes<'_>>) -> Option<Characters> {
    let negated = bytes.next_if_eq(&b'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let low = match bytes.next()? {
            b']' if !ranges.is_empty() => return Some(Characters::Ranges { negated, ranges }),
            byte => byte,
        };
        let mut high = low;
        if bytes.next_if_eq(&b'-').is_some() {
            high = bytes.next().filter(|byte| *byte != b']')?;
        }
        ranges.push((low, high));
    }
}

impl Node {
    /// Where one may be in `name` after this part, from any of `positions`: one bit for each.
    fn follow(&self, name: &[u8], positions: u128) -> u128 {
        match self {
            Node::Start => positions & 1,
            Node::End => positions & 1 << name.len(),
            Node::Character(characters) => {
                let fits = |(index, byte): (usize, &u8)| u128::from(characters.has(*byte)) << index;
                (positions & name.iter().enumerate().map(fits).sum::<u128>()) << 1
            }
            Node::Sequence(nodes) => nodes
                .iter()
                .fold(positions, |at, node| node.follow(name, at)),
            Node::Alternatives(nodes) => nodes
                .iter()
                .fold(0, |at, node| at | node.follow(name, positions)),
            Node::Repeat {
                node,
                may_miss,
                many,
            } => {
                let mut reached = node.follow(name, positions);
                let mut further = if *many { node.follow(name, reached) } else { 0 };
                while reached | further != reached {
                    reached |= further;
                    further = node.follow(name, reached);
                }
                if *may_miss {
                    reached | positions
                } else {
                    reached
                }
            }
        }
    }
}

impl Characters {
    fn has(&self, byte: u8) -> bool {
        match self {
            Characters::Any => true,
            Characters::One(one) => *one == byte,
            Characters::Ranges { negated, ranges } => {
                ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&byte))
                    != *negated
            }
        }
    }
}
