// Goroutines, timers, signals, files, os/exec and a server on loopback, without libc and with it.
// Expect: exit 0
// Record: clone
// Limit: 60 s
// Build: CGO_ENABLED=0 go build
// Build: CGO_ENABLED=1 go build
// Build: CGO_ENABLED=0 go build -ldflags=-s -ldflags=-w
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func sum() int {
	var group sync.WaitGroup
	results := make(chan int, 100)
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			garbage := make([][]byte, 0)
			for j := 0; j < 100; j++ {
				garbage = append(garbage, make([]byte, 1000))
			}
			runtime.Gosched()
			results <- i + len(garbage) - 100
		}(i)
	}
	group.Wait()
	close(results)
	total := 0
	for result := range results {
		total += result
	}
	return total
}

func echo() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err.Error()
	}
	go func() {
		connection, _ := listener.Accept()
		line, _ := bufio.NewReader(connection).ReadString('\n')
		fmt.Fprint(connection, "echo "+line)
		connection.Close()
	}()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return err.Error()
	}
	fmt.Fprintln(connection, "hello")
	answer, _ := bufio.NewReader(connection).ReadString('\n')
	return answer
}

func main() {
	fmt.Println("sum", sum())
	// Preemption by signals: a loop without calls beside the garbage collector.
	stop := time.Now().Add(50 * time.Millisecond)
	go func() {
		for {
		}
	}()
	for time.Now().Before(stop) {
		runtime.GC()
	}
	fmt.Println("collected")
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("signal", <-signals)
	output, err := exec.Command("echo", "from", "a child").CombinedOutput()
	fmt.Print(string(output), err, "\n")
	_, err = exec.Command("false").Output()
	fmt.Println("false:", err)
	_, err = exec.Command("/nonexistent").Output()
	fmt.Println("missing:", err)
	fmt.Print(echo())
	os.WriteFile("written", []byte("by go\n"), 0o600)
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var nothing *int
		*nothing = 1
	}()
}
