//! Everyday programs, each doing real work, behave under ld-systrap as they do natively.
//!
//! Most are scripts: bash is the program that is compared, and starts the others, as in life.

use ld_systrap_tests::Case;

#[test]
fn ls_lists_a_tree_recursively() {
    Case::program("ls", "ls")
        .arguments(&["-lR", "--color=always", "/etc", "/usr/share/doc"])
        .check();
}

#[test]
fn bash_runs_pipelines_subshells_and_traps() {
    Case::script("bash", include_str!("../everyday/bash.sh"), 5)
        .normalise("processes have other numbers in each run", |text| {
            numbers_of_processes(text)
        })
        .check();
}

/// Replaces the process number, and the blanks before it, in what bash says about a killed job.
fn numbers_of_processes(text: &str) -> String {
    let line = |line: &str| match line.contains(": line ") {
        true => line
            .split_whitespace()
            .map(|word| {
                if word.parse::<u32>().is_ok() {
                    "N"
                } else {
                    word
                }
            })
            .collect::<Vec<_>>()
            .join(" "),
        false => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn python_runs_threads_subprocesses_and_multiprocessing() {
    Case::script("python", "exec /usr/bin/python3 work.py\n", 4)
        .file("work.py", include_str!("../everyday/work.py"))
        .limit(120)
        .check();
}

#[test]
fn perl_forks_pipes_and_sorts() {
    Case::script("perl", include_str!("../everyday/perl.sh"), 0).check();
}

#[test]
fn ruby_runs_threads_children_and_signals() {
    Case::script("ruby", "exec ruby work.rb\n", 0)
        .file("work.rb", include_str!("../everyday/work.rb"))
        .check();
}

#[test]
fn luajit_makes_calls_from_compiled_code() {
    Case::script("luajit", "exec luajit work.lua\n", 0)
        .file("work.lua", include_str!("../everyday/work.lua"))
        .check();
}

#[test]
fn sbcl_lives_on_faults_of_its_own() {
    const COMMAND: &str = "exec sbcl --noinform --no-sysinit --no-userinit --disable-debugger \
        --load work.lisp --quit\n";
    Case::script("sbcl", COMMAND, 0)
        .file("work.lisp", include_str!("../everyday/work.lisp"))
        .check();
}

#[test]
fn gcc_compiles_links_and_the_program_runs() {
    Case::script("gcc", include_str!("../everyday/gcc.sh"), 0).check();
}

#[test]
fn make_builds_with_two_jobs() {
    Case::script(
        "make",
        "make -j2 -s -Otarget all && ./sum && make -s fail || echo \"status $?\"\n",
        0,
    )
    .file("Makefile", include_str!("../everyday/Makefile"))
    .check();
}

#[test]
fn git_works_on_a_small_repository() {
    Case::script("git", include_str!("../everyday/git.sh"), 0)
        .ignoring(
            "times, inode numbers and how objects happen to be packed",
            &["repository/.git*", "copy/.git*", ".gitconfig"],
        )
        .check();
}

#[test]
fn tar_and_gzip_pack_and_unpack() {
    Case::script("tar", include_str!("../everyday/tar.sh"), 0)
        .normalise("gzip keeps the time of the file it packs", |text| {
            if text.contains("\\x1f") || text.contains('\u{1f}') {
                "packed".into()
            } else {
                text.into()
            }
        })
        .check();
}

#[test]
fn sqlite_creates_fills_and_queries_a_database() {
    Case::script("sqlite", include_str!("../everyday/sqlite.sh"), 0)
        .ignoring(
            "the header counts changes and holds a random salt",
            &["base.db*", "copy.db"],
        )
        .check();
}

#[test]
fn node_runs_a_worker_thread_and_children() {
    Case::script("node", "exec node work.js\n", 3)
        .file("work.js", include_str!("../everyday/work.js"))
        .limit(120)
        .check();
}

#[test]
fn java_compiles_and_runs_threads_and_processes() {
    Case::script(
        "java",
        "javac Work.java && java -Xmx128m Work || echo \"status $?\"\n",
        0,
    )
    .file("Work.java", include_str!("../everyday/Work.java"))
    .limit(180)
    .check();
}

#[test]
fn java_turns_faults_into_exceptions() {
    // The first of its compilers leaves all checks for null to SIGSEGV, the other learns to make them.
    Case::script(
        "java-faults",
        "javac Faults.java && java -Xmx64m -XX:TieredStopAtLevel=1 Faults && java -Xmx64m Faults\n",
        0,
    )
    .file("Faults.java", include_str!("../everyday/Faults.java"))
    .limit(180)
    .check();
}

#[test]
fn redis_serves_its_benchmark() {
    Case::script("redis", include_str!("../everyday/redis.sh"), 0)
        .ignoring(
            "times, and random values",
            &["log", "appendonlydir*", "socket", "dump.rdb"],
        )
        .limit(120)
        .check();
}

#[test]
fn nginx_serves_a_file_to_curl_over_loopback() {
    Case::script("nginx", include_str!("../everyday/nginx.sh"), 0)
        .ignoring("the port and times", &["nginx.conf", "logs*"])
        .normalise("the time, and which process it is", |text| {
            let line = |line: &str| match line.split_once(" [notice] ") {
                Some((_, notice)) => notice
                    .trim_start_matches(|c: char| !c.is_alphabetic())
                    .into(),
                None => line.to_owned(),
            };
            text.split('\n').map(line).collect::<Vec<_>>().join("\n")
        })
        .limit(120)
        .check();
}

#[test]
fn ssh_keygen_makes_signs_with_and_checks_a_key() {
    Case::script("ssh-keygen", include_str!("../everyday/ssh-keygen.sh"), 0)
        .ignoring(
            "keys are random",
            &["key*", "rsa*", "message.sig", "allowed"],
        )
        .check();
}

#[test]
fn a_configure_script_checks_and_writes_its_header() {
    // What such scripts do, by hand: hundreds of short processes, files made and removed at once.
    Case::script("configure", include_str!("../everyday/configure.sh"), 0)
        .normalise("the linker names its temporary files", |text| {
            text.split("/cc")
                .map(|part| part.find(".o").map_or(part, |at| &part[at..]))
                .collect()
        })
        .limit(120)
        .check();
}
