//! Audits files on the host: `cargo run --release -p ld-systrap-core --example audit -- FILE…`.
//!
//! One file gets a line for each pair; several get a line for each file, its time, and totals.

use ld_systrap_core::audit;
use ld_systrap_core::image::Image;
use ld_systrap_core::site::{Survey, Verdict};
use std::time::Instant;

fn main() {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if let [file] = &files[..] {
        let bytes = std::fs::read(file).expect("readable");
        match Image::parse(&bytes) {
            Ok(image) => {
                let mut text = String::new();
                audit::report(&image, &mut text).expect("a String takes everything");
                print!("{text}");
            }
            Err(error) => println!("{file} {error}"),
        }
    }
    let mut totals = [0; 3];
    for file in &files {
        let Ok(bytes) = std::fs::read(file) else {
            continue;
        };
        let Ok(image) = Image::parse(&bytes) else {
            continue;
        };
        let begun = Instant::now();
        let survey = Survey::new(&image);
        let mut counts = [0; 3];
        for segment in image.segments().filter(|segment| segment.executable) {
            let range = segment.offset..segment.offset + segment.file_size;
            for finding in survey.findings(range) {
                counts[match finding.verdict {
                    Verdict::Site => 0,
                    Verdict::Data => 1,
                    Verdict::Unproved => 2,
                }] += 1;
            }
        }
        let [sites, data, unproved] = counts;
        let time = begun.elapsed().as_micros();
        let effort = survey.effort();
        println!(
            "{sites:6} {data:6} {unproved:6} {time:8} us {:8} instructions {:6} functions  {file}",
            effort.instructions, effort.functions
        );
        totals
            .iter_mut()
            .zip(counts)
            .for_each(|(total, count)| *total += count);
    }
    println!("{:6} {:6} {:6} in all", totals[0], totals[1], totals[2]);
}
