#!/usr/bin/python3
"""Threads that start programs, processes that start threads, a pool, a pipe, a timer and a signal."""
import concurrent.futures
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading


def square(number):
    return int(subprocess.run(["expr", str(number), "*", str(number)], capture_output=True, check=True, text=True).stdout)


def in_threads(numbers):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(square, numbers))


def main():
    print("threads", sum(in_threads(range(1, 41))))
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print("forked", sum(sum(part) for part in pool.map(in_threads, [range(1, 6), range(6, 11), range(11, 16)])))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print("spawned", pool.map(square, [7, 8]))

    shell = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    print("a shell", shell.communicate("echo one; cat; exit 5\ntwo\n")[0].split(), shell.returncode)
    print("a session of its own", os.getsid(0) != os.getpid() or os.getpid() == os.getsid(0))

    caught = threading.Event()
    signal.signal(signal.SIGALRM, lambda *_: caught.set())
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print("a timer", caught.wait(20))

    try:
        subprocess.run(["sleep", "300"], timeout=0.05, check=True)
    except subprocess.TimeoutExpired:
        print("given up")
    gone = subprocess.Popen(["sleep", "300"])
    gone.send_signal(signal.SIGKILL)
    print("killed", gone.wait())

    server = socket.create_server(("127.0.0.1", 0))
    threads = [threading.Thread(target=lambda: socket.create_connection(server.getsockname()).sendall(b"x" * 1000)) for _ in range(50)]
    for one in threads:
        one.start()
    received = 0
    for _ in threads:
        peer = server.accept()[0]
        while more := peer.recv(4096):
            received += len(more)
    for one in threads:
        one.join()
    print("over loopback", received)
    print("children left, of multiprocessing", len(open("/proc/thread-self/children").read().split()))
    sys.exit(9)


if __name__ == "__main__":
    main()
