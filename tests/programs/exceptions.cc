// C++ exceptions pass through frames that make calls, and out of a signal handler (P26).
// Expect: exit 0, stdout "caught 7 after a call\ncaught from a handler\nrethrown 42"
// Record: 502 once
// Build: g++ -O1 -fnon-call-exceptions
// Build: g++ -O1 -fnon-call-exceptions -static
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

struct Guard {
    ~Guard() { syscall(502); }
};

static void deep(int depth) {
    if (depth == 0) throw depth + 7;
    deep(depth - 1);
}

static void handler(int) { throw std::runtime_error("from a handler"); }

int main() {
    try {
        Guard guard;
        deep(50);
    } catch (int value) {
        std::printf("caught %d after a call\n", value);
    }
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGSEGV, &action, nullptr);
    try {
        *static_cast<volatile int *>(nullptr) = 1;
    } catch (const std::exception &error) {
        std::printf("caught %s\n", error.what());
    }
    std::exception_ptr kept;
    std::thread thread([&] {
        try {
            deep(3);
        } catch (...) {
            kept = std::make_exception_ptr(42);
        }
    });
    thread.join();
    try {
        std::rethrow_exception(kept);
    } catch (int value) {
        std::printf("rethrown %d\n", value);
    }
}
