import asyncio, ctypes, gc, hashlib, json, mmap, multiprocessing, os, queue, signal, socket, subprocess
import sys, tempfile, threading
from multiprocessing import forkserver, resource_tracker

def square(n): return n * n

def threads():
    jobs, results = queue.Queue(), []
    def work():
        while (n := jobs.get()) is not None:
            results.append(hashlib.sha256(str(n).encode()).hexdigest())
    workers = [threading.Thread(target=work) for _ in range(4)]
    for w in workers: w.start()
    for n in range(200): jobs.put(n)
    for w in workers: jobs.put(None)
    for w in workers: w.join()
    print(hashlib.sha256("".join(sorted(results)).encode()).hexdigest())

async def server():
    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()
    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    writer.write(b"over loopback\n")
    print(await reader.readline())
    process = await asyncio.create_subprocess_exec("echo", "awaited", stdout=subprocess.PIPE)
    print(await process.communicate())

if __name__ == "__main__":
    threads()
    print(subprocess.run(["sort", "-r"], input=b"a\nc\nb\n", stdout=subprocess.PIPE).stdout)
    print(subprocess.run("echo $0; exit 3", shell=True, close_fds=True, env={}).returncode)
    try: subprocess.run(["/nonexistent"])
    except FileNotFoundError as error: print(error)
    try: subprocess.run(["sleep", "5"], timeout=0.1)
    except subprocess.TimeoutExpired: print("timed out")
    for method in "fork", "spawn", "forkserver":
        with multiprocessing.get_context(method).Pool(3) as pool:
            print(method, sum(pool.map(square, range(100))))
            pool.close()
            pool.join()
    # Helpers that outlive the program would write to its standard error afterwards, or not.
    del pool
    gc.collect()
    forkserver._forkserver._stop()
    resource_tracker._resource_tracker._stop()
    got = []
    signal.signal(signal.SIGALRM, lambda *_: got.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    print("alarm", got)
    asyncio.run(server())
    with tempfile.TemporaryFile() as f:
        f.write(b"x" * 5000); f.flush()
        with mmap.mmap(f.fileno(), 0) as m: print(m.find(b"y"), len(m))
    print(ctypes.CDLL(None).syscall(500), os.path.realpath(sys.executable))
    pid = os.fork()
    if not pid: os._exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    json.dump({"written": True}, open("result.json", "w"))
    os.execvp("sh", ["sh", "-c", "echo replaced; exit 4"])
