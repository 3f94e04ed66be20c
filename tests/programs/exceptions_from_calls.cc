// An exception thrown by a signal handler leaves the call that the signal has interrupted, and runs
// what is to be undone on its way (P26).
// Expect: exit 0, stdout "undone 1\ncaught 1 out of read\nundone 2\ncaught 2 out of poll\nundone 3\ncaught 3 out of ppoll"
// Record: 502 3 times
// Build: g++ -O1 -fnon-call-exceptions -pthread
// Build: g++ -O1 -fnon-call-exceptions -pthread -static
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

static int ends[2], round;

struct Guard {
    ~Guard() {
        std::printf("undone %d\n", round);
        syscall(502);
    }
};

static void handler(int) { throw round; }

static void block(int how) {
    Guard guard;
    char byte;
    pollfd end = {ends[0], POLLIN, 0};
    if (how == 1) read(ends[0], &byte, 1);
    if (how == 2) poll(&end, 1, 100000);
    if (how == 3) ppoll(&end, 1, nullptr, nullptr);
    std::printf("not interrupted\n");
}

int main() {
    const char *names[] = {"", "read", "poll", "ppoll"};
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, nullptr);
    pipe(ends);
    for (round = 1; round <= 3; round++) {
        pthread_t main_thread = pthread_self();
        std::thread other([&] {
            usleep(50000);
            pthread_kill(main_thread, SIGUSR1);
        });
        try {
            block(round);
        } catch (int value) {
            std::printf("caught %d out of %s\n", value, names[round]);
        }
        other.join();
    }
}
