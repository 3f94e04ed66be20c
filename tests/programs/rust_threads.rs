//! Threads, channels, a child process, unwinding that is caught, files.
//! Expect: exit 0
//! Record: clone3
//! Build: rustc -O --edition=2021
//! Build: rustc -O --edition=2021 -C target-feature=+crt-static
//! Build: rustc -O --edition=2021 -C relocation-model=static -C strip=symbols

use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

fn main() {
    let total = Arc::new(Mutex::new(0));
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..20)
        .map(|number| {
            let (total, sender) = (Arc::clone(&total), sender.clone());
            thread::Builder::new()
                .stack_size(64 << 10)
                .spawn(move || {
                    *total.lock().unwrap() += number;
                    sender.send(number).unwrap();
                })
                .unwrap()
        })
        .collect();
    drop(sender);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    println!(
        "total {}, received {}",
        total.lock().unwrap(),
        receiver.iter().count()
    );
    let output = Command::new("echo")
        .arg("from a child")
        .env_clear()
        .output()
        .unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", Command::new("/nonexistent").status().unwrap_err());
    let result = thread::spawn(|| std::panic::resume_unwind(Box::new(1))).join();
    println!("unwound {}", result.is_err());
    println!("{:?}", std::env::args().collect::<Vec<_>>());
    std::fs::write("written", "by rust\n").unwrap();
    println!(
        "{}",
        std::env::current_exe()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
    );
}
