// Goroutines that compute, allocate and make calls while the collector, at work all the time, preempts
// them by SIGURG: in loops without calls, and in or behind system calls. What they compute stays right.
// Expect: exit 0
// Record: rt_sigreturn, tgkill
// Limit: 90 s
// Build: CGO_ENABLED=0 go build
// Build: CGO_ENABLED=1 go build
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
)

type node struct {
	value uint64
	next  *node
	more  []byte
}

// A loop without calls, which only a signal can preempt.
func spin(x uint64, times int) uint64 {
	for i := 0; i < times; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// Deep enough that the goroutine's stack is moved while it may be preempted.
func deep(depth int, x uint64) uint64 {
	var room [16]uint64
	room[depth%16] = x
	if depth == 0 {
		return spin(x, 10)
	}
	return deep(depth-1, x+1) + room[depth%16] - x
}

func list(length int, x uint64) uint64 {
	var first *node
	for i := 0; i < length; i++ {
		x = spin(x, 20)
		first = &node{x, first, make([]byte, int(x%512))}
	}
	sum := uint64(0)
	for ; first != nil; first = first.next {
		sum += first.value + uint64(len(first.more))
	}
	return sum
}

// Calls that wait in the kernel or not: each must do what it says, once.
func calls(ends [2]int, file *os.File, times int, x uint64) uint64 {
	wrong := uint64(0)
	sent, got, read := make([]byte, 64), make([]byte, 64), make([]byte, 64)
	for i := 0; i < times; i++ {
		x = spin(x, 50)
		for j := range sent {
			sent[j] = byte(x >> (j % 56))
		}
		if n, err := syscall.Write(ends[1], sent); n != 64 || err != nil {
			wrong++
		}
		if n, err := syscall.Read(ends[0], got); n != 64 || err != nil || !bytes.Equal(sent, got) {
			wrong++
		}
		if n, err := file.WriteAt(sent, int64(i*64)); n != 64 || err != nil {
			wrong++
		}
		if n, err := file.ReadAt(read, int64(i*64)); n != 64 || err != nil || !bytes.Equal(sent, read) {
			wrong++
		}
	}
	return wrong
}

func main() {
	if os.Getenv("GODEBUG") == "" {
		os.Setenv("GODEBUG", "asyncpreemptoff=0")
		fmt.Println(syscall.Exec(os.Args[0], os.Args, os.Environ()))
		return
	}
	debug.SetGCPercent(2)
	runtime.GOMAXPROCS(4)
	var group sync.WaitGroup
	var wrong uint64
	results := make([]uint64, 12)
	over := int32(0)
	for i := range results {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			var ends [2]int
			syscall.Pipe(ends[:])
			file, err := os.CreateTemp("", "preempted")
			if err != nil {
				panic(err)
			}
			x := uint64(i + 1)
			for round := 0; round < 20; round++ {
				x = spin(x, 300000)
				x += deep(2000, x)
				x += list(400, x)
				atomic.AddUint64(&wrong, calls(ends, file, 20, x))
			}
			results[i] = x
			os.Remove(file.Name())
		}(i)
	}
	collected := make(chan bool)
	go func() {
		for atomic.LoadInt32(&over) == 0 {
			runtime.GC()
		}
		close(collected)
	}()
	group.Wait()
	atomic.StoreInt32(&over, 1)
	<-collected
	fmt.Println("wrong", wrong)
	for i, result := range results {
		fmt.Printf("%d: %x\n", i, result)
	}
}
