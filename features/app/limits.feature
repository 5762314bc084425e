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
        time.sleep(0.01)
        take()
        print(*outcomes.items(), "twice", sum(1 for times in seen.values() if times > 1), "lost", rounds - len(seen))
        # Who is interrupted may go on with something else, in the same place of memory.
        go, place, sent = True, ctypes.create_string_buffer(4), set()
        threading.Thread(target=disturb, daemon=True).start()
        for number in range(rounds, 2 * rounds):
            place.raw = struct.pack("=i", number)
            if c.sendto(sender.fileno(), place, 4, 0, to, len(to)) == 4:
                sent.add(number)
            take()
        go = False
        time.sleep(0.01)
        take()
        print("of", "some" if sent else "none", "lost", len(sent - seen.keys()))
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        to = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(listener.getsockname()[1]), socket.inet_aton("127.0.0.1"))
        go = True
        threading.Thread(target=disturb, daemon=True).start()
        for waits in False, True:
            outcomes.clear()
            for number in range(rounds // 4):
                one = socket.socket()
                one.setblocking(waits)
                outcome = again(c.connect, one.fileno(), to, len(to))
                # A connection that was interrupted goes on, and says so.
                going = ("EINPROGRESS",) if anew else ("EINPROGRESS", "EALREADY", "EISCONN")
                outcomes["fine" if outcome in going else outcome] += 1
                listener.accept()[0].close()
                one.close()
            print(*outcomes.items())
        """
      Then programs of container "worker" print:
        | program               | output                                                       |
        | /tmp/count <handlers> | ('fine', 1000) twice 0 lost 0 of some lost 0 ('fine', 250) ('fine', 250) |

      Examples:
        | handlers  |
        | anew      |
        | to end    |

  Rule: A wait with a limit of its own ends with a signal, and one without goes on

    @app-026 @Z1 @extended
    Scenario Outline: Connections to where there is no room, interrupted by a signal whose handler wants calls anew, <run>
      Given the task definition "web-and-worker"
      And the runtime rule "our rule" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the <run>
      And container "worker" has the program "/tmp/wait":
        """
        #!/usr/bin/python3
        import ctypes, errno, signal, socket, struct, threading, time
        c = ctypes.CDLL(None, use_errno=True)
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.siginterrupt(signal.SIGALRM, False)
        def full():
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            to = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(listener.getsockname()[1]), socket.inet_aton("127.0.0.1"))
            others = [socket.socket() for _ in range(4)]
            for one in others:
                one.setblocking(False)
                c.connect(one.fileno(), to, len(to))
            time.sleep(0.1)
            return listener, others, to
        def wait(limit, lasts):
            listener, others, to = full()
            one = socket.socket()
            if limit:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", limit, 0))
            if lasts:
                def room():
                    time.sleep(0.7)
                    for _ in range(5): listener.accept()
                threading.Thread(target=room, daemon=True).start()
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            began = time.monotonic()
            result = c.connect(one.fileno(), to, len(to))
            took = time.monotonic() - began
            return "made" if result == 0 else errno.errorcode[ctypes.get_errno()], "at the signal" if took < 0.6 else "later"
        print(*wait(5, False), *wait(0, True))
        """
      Then programs of container "worker" print:
        | program   | output                         |
        | /tmp/wait | EINTR at the signal made later |

      Examples:
        | run                                |
        | task is running without a Defender |
        | protected task is running          |

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

  Rule: A signal to the first process of the container is one to the app

    @app-022 @Z4 @P24 @core
    Scenario Outline: Signal <signal>
      Given the task definition "web-and-worker" with "containerDefinitions[1].entryPoint" set to ["sh", "-c", "actor serve & for one in HUP INT QUIT USR1 USR2 ALRM TERM TSTP CONT WINCH IO PWR RTMIN RTMAX; do trap \"echo got $one.\" $one; done; echo ready; while true; do sleep 0.1; done"]
      And the protected task is running
      And container "worker" has written "ready"
      When container "worker" runs "sh -c 'kill -<signal> 1; sleep 1'"
      Then the log of container "worker" has "got <signal>."

      Examples:
        | signal |
        | HUP    |
        | INT    |
        | QUIT   |
        | USR1   |
        | USR2   |
        | ALRM   |
        | TERM   |
        | TSTP   |
        | CONT   |
        | WINCH  |
        | IO     |
        | PWR    |
        | RTMIN  |
        | RTMAX  |

  Rule: Below another init a signal that the app does not catch ends it, as it does bare

    @app-024 @Z4 @T13 @core
    Scenario Outline: SIGTERM for an app that does not catch it, <run>
      Given the task definition "describe" with "containerDefinitions[0].linuxParameters" set to {"initProcessEnabled": true}
      And "containerDefinitions[0].entryPoint" of it set to ["actor", "serve", "--on-term", "default"]
      And "containerDefinitions[0].command" of it set to []
      And the <run>
      When container "app" runs "true"
      Then the program ran and exited with 0
      When the task is stopped
      Then container "app" exited with 143

      Examples:
        | run                                  |
        | task is running without a Defender   |
        | protected task is running            |

  Rule: A tracer of the app's own works, and a denied program does not run under it

    @app-012 @evasion @V7 @X9 @needs:processes @core
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
      And container "worker" has the program "/tmp/want":
        """
        #!/usr/bin/python3
        import ctypes, socket, struct, sys
        c = ctypes.CDLL(None, use_errno=True)
        allow = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))
        program = ctypes.create_string_buffer(struct.pack("=H6xQ", 1, ctypes.addressof(allow)))
        datagrams, stream = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        to = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(9), socket.inet_aton("127.0.0.1"))
        send = lambda one, flags: c.sendto(one.fileno(), b"x", 1, flags, to, len(to))
        wants = {
            "ring": lambda: c.syscall(425, 1, 0),
            "x32": lambda: c.syscall(39 + 0x40000000),
            "listener": lambda: c.prctl(38, 1, 0, 0, 0) or c.syscall(317, 1, 8, program),
            "filter": lambda: c.prctl(38, 1, 0, 0, 0) or c.syscall(317, 1, 0, program),
            "zerocopy": lambda: send(datagrams, 0x4000000),
            "fastopen": lambda: send(stream, 0x20000000),
        }
        print(wants[sys.argv[1]](), ctypes.get_errno())
        """
      When container "worker" runs "/tmp/want <want>"
      Then its output is "-1 <errno>"
      And the log of container "worker" has "<words>"

      Examples:
        | what                                | want     | errno | words                                |
        | io_uring                            | ring     | 38    | io_uring is not available            |
        | a call of the x32 interface         | x32      | 38    | the x32 interface are not available  |
        | a seccomp listener of the app's own | listener | 16    | listener of its own is not available |
        | MSG_ZEROCOPY                        | zerocopy | 105   | MSG_ZEROCOPY is not available        |
        | MSG_FASTOPEN                        | fastopen | 95    | MSG_FASTOPEN is not available        |

    @app-015 @Z5 @extended
    Scenario: The rights of a setuid program
      Given the task definition "non-root"
      And the runtime rule "no directories" for container "app":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "app" runs "sh -c 'mount -V > /dev/null; grep NoNewPrivs /proc/self/status | cut -f 2'"
      Then its output is "1"
      And the log of container "app" has "/usr/bin/mount is setuid, setgid or has file capabilities"

    @app-016 @Z5 @extended
    Scenario: An entry point with rights of its own
      Given the task definition "non-root"
      And "containerDefinitions[0].entryPoint" of it set to ["mount"]
      And "containerDefinitions[0].command" of it set to ["-V"]
      When the task runs to its end protected
      Then container "app" exited with 0
      And the log of container "app" has "/usr/bin/mount is setuid, setgid or has file capabilities"

  Rule: An app that insists on being process 1 ends as it does elsewhere, with a hint

    @app-014 @Z6 @extended
    Scenario: An init that is not process 1
      Given the task definition "describe"
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c"]
      And "containerDefinitions[0].command" of it set to ["[ $$ = 1 ] || exit 100"]
      When the task runs to its end protected
      Then container "app" exited with 100
      And the log of container "app" has "Under the Defender it is not process 1"
