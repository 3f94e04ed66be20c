//! Functions that nothing names: what named ones call and jump to.
//!
//! Follows calls through the whole image, so it is for images that were made without frame
//! descriptions, such as musl's libc, and it stops at a budget: what it has proved by then stands.

use super::evidence::Evidence;
use super::flow::Reached;
use super::function::{Function, Source};
use super::verdict::{Finding, Verdict};
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// The most instructions that are decoded: some ten milliseconds.
const BUDGET: usize = 300_000;

/// Proves what can be proved of `findings`. Returns how many instructions were decoded.
pub(crate) fn prove(evidence: &Evidence<'_>, findings: &mut [Finding]) -> usize {
    let mut starts = Vec::new();
    evidence
        .functions
        .for_each_start(|start| starts.push(start));
    starts.sort_unstable();
    starts.dedup();

    let mut pending = starts.clone();
    let mut entered = BTreeSet::new();
    let mut seen = vec![None; findings.len()];
    let mut decoded = 0;
    while let Some(entry) = pending.pop().filter(|_| decoded < BUDGET) {
        if !evidence.image.is_executable(entry) || !entered.insert(entry) {
            continue;
        }
        let next = starts.partition_point(|start| *start <= entry);
        let end = starts.get(next).copied().unwrap_or(u64::MAX);
        let function = Function {
            range: entry..end,
            source: Source::Calls,
            exception_table: None,
        };
        let Some(mut flow) = evidence.flow(&function) else {
            continue;
        };
        evidence.enter_cases(&mut flow);
        evidence.enter_confirmed(&mut flow);
        decoded += flow.decoded;
        if flow.astray {
            continue;
        }
        pending.extend(flow.calls.iter().chain(&flow.leaves));
        for (finding, seen) in findings.iter_mut().zip(&mut seen) {
            let reached = flow.pair(finding.address);
            if reached != Reached::Unknown {
                note(finding, seen, reached, &function);
            }
        }
    }
    decoded
}

/// Concludes from what one function's flow says, unless another's said otherwise before.
fn note(finding: &mut Finding, seen: &mut Option<Reached>, reached: Reached, function: &Function) {
    let agreed = match *seen {
        None => reached,
        Some(before) if before == reached => reached,
        Some(_) => Reached::Unknown,
    };
    *seen = Some(agreed);
    finding.verdict = agreed.into();
    finding.function = match finding.verdict {
        Verdict::Unproved => None,
        Verdict::Site | Verdict::Data => Some(function.clone()),
    };
}
