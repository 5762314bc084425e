@app
Feature: What an app cannot have under the Defender, and how it learns of it
  Some things work otherwise than without the Defender, or not at all. What can be as it would be is; the rest is said where one
  looks for the reason, in the log of the container.

  Rule: Nothing is done twice and nothing is lost when signals interrupt the app

    @app-010 @Z1 @core
    Scenario Outline: A program that is signalled all the time, whose handlers want calls <handlers>
      Given the task definition "web-and-worker"
      And the runtime rule "our rule" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has the program "/tmp/count":
        """
        #!/usr/bin/python3
        import collections, ctypes, errno, os, signal, socket, struct, sys, threading, time
        anew, rounds = sys.argv[1] == "anew", 1000
        c = ctypes.CDLL(None, use_errno=True)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.siginterrupt(signal.SIGUSR1, not anew)
        thread, go = threading.get_native_id(), True
        def disturb():
            while go:
                c.syscall(234, os.getpid(), thread, signal.SIGUSR1)
                time.sleep(20e-6)
        def again(function, *args):
            while True:
                if function(*args) >= 0:
                    return "fine"
                number = ctypes.get_errno()
                if anew or number != errno.EINTR:
                    return errno.errorcode[number]
        receiver = socket.socket(type=socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        sender = socket.socket(type=socket.SOCK_DGRAM)
        to = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(receiver.getsockname()[1]), socket.inet_aton("127.0.0.1"))
        seen, outcomes = collections.Counter(), collections.Counter()
        def take():
            try:
                while True:
                    seen[struct.unpack("=i", receiver.recv(64))[0]] += 1
            except BlockingIOError:
                pass
        threading.Thread(target=disturb, daemon=True).start()
        for number in range(rounds):
            outcomes[again(c.sendto, sender.fileno(), struct.pack("=i", number), 4, 0, to, len(to))] += 1
            take()
        go = False
        take()
        print(*outcomes.items(), "twice", sum(1 for times in seen.values() if times > 1), "lost", rounds - len(seen))
        """
      Then programs of container "worker" print:
        | program               | output                         |
        | /tmp/count <handlers> | ('fine', 1000) twice 0 lost 0 |

      Examples:
        | handlers  |
        | anew      |
        | to end    |

  Rule: A signal that process 1 would not get does not reach the app

    @app-011 @Z4 @core
    Scenario: SIGTERM to an app that does not catch it
      Given the task definition "describe"
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c"]
      And "containerDefinitions[0].command" of it set to ["echo ready; while true; do sleep 1; done"]
      And "containerDefinitions[0].stopTimeout" of it set to 2
      And the protected task is running
      And container "app" has written "ready"
      When the task is stopped
      Then container "app" exited with 137

  Rule: A tracer of the app's own works, and a denied program does not run under it

    @app-012 @V7 @needs:processes @core
    Scenario: Another vendor's wrapper before the app
      Given the task definition "web-and-worker"
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has the program "/tmp/tracer":
        """
        #!/usr/bin/python3
        import ctypes, os, signal, sys
        c = ctypes.CDLL(None)
        pid = os.fork()
        if pid == 0:
            c.ptrace(0, 0, 0, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execvp(sys.argv[1], sys.argv[1:])
        os.waitpid(pid, 0)
        c.ptrace(0x4200, pid, 0, 0x10 | 2 | 4 | 8 | 0x100000)
        c.ptrace(7, pid, 0, 0)
        execs, code = 0, None
        while True:
            try:
                who, status = os.waitpid(-1, 0x40000000)
            except ChildProcessError:
                break
            if os.WIFSTOPPED(status):
                execs += status >> 16 == 4
                number = os.WSTOPSIG(status) if status >> 16 == 0 and os.WSTOPSIG(status) not in (5, 19) else 0
                c.ptrace(7, who, 0, number)
            elif who == pid:
                code = os.waitstatus_to_exitcode(status)
        print(execs, "execs, ended with", code)
        """
      When container "worker" runs "python3 /tmp/tracer sh -c 'mkdir /tmp/$TOKEN; /usr/bin/true; exit 5'"
      Then its output is "2 execs, ended with 5"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |
      And the log of container "worker" has "is traced by another tracer than the Defender"

  Rule: What an app cannot have is said in its log

    @app-013 @Z5 @extended
    Scenario Outline: <what>
      Given the task definition "web-and-worker"
      And the protected task is running
      When container "worker" runs "python3 -c 'import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(<call>), ctypes.get_errno())'"
      Then its output is "-1 <errno>"
      And the log of container "worker" has "<words>"

      Examples:
        | what                       | call            | errno | words                                 |
        | io_uring                   | 425, 1, 0       | 38    | io_uring is not available             |
        | a call of the x32 interface | 39 + 0x40000000 | 38    | the x32 interface are not available   |

  Rule: An app that insists on being process 1 ends as it does elsewhere, with a hint

    @app-014 @Z6 @extended
    Scenario: An init that is not process 1
      Given the task definition "describe"
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c"]
      And "containerDefinitions[0].command" of it set to ["[ $$ = 1 ] || exit 100"]
      When the task runs to its end protected
      Then container "app" exited with 100
      And the log of container "app" has "Under the Defender it is not process 1"
