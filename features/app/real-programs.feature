@app
Feature: Real programs run under the Defender as they do without
  What people run is no actor: shells with jobs and traps, interpreters with threads that start programs, servers with workers, compilers,
  programs that give up rights by a filter of their own. Each is run twice, without a Defender and under one that decides on programs and on names,
  and has to write the same, line by line, and to end with the same code.

  Rule: A program that the policy allows writes the same, and ends the same

    @app-020 @P24 @needs:processes @core
    Scenario Outline: <what>
      Given the task definition "program" with the command "<program>" for container "app"
      And the runtime rule "strict" for container "app":
        | section   | effect  | denied    |
        | processes | prevent | wget      |
        | dns       | prevent | evil.test |
      When the task runs to its end without a Defender
      And the task runs to its end protected
      Then both runs of container "app" wrote the same
      And both runs of container "app" exited with <code>
      And the log of container "app" has "<last>"

      Examples:
        | what                                                       | program                   | code | last                                    |
        | A shell script with pipes, jobs, traps and groups          | /srv/real/jobs.sh a b     | 3    | replaced, with PATH,PWD                 |
        | Python with threads, subprocesses and a pool of processes  | /srv/real/workers.py      | 9    | children left, of multiprocessing 1                  |
        | nginx with workers, loaded by a Go program with many threads | /srv/real/servers.sh    | 0    | nginx: 0                                |
        | A compile by make, four at a time                          | /srv/real/compile.sh      | 0    | part3.o                                 |
        | A program with a filter of its own                         | /srv/real/sandbox.sh      | 4    | another program: Read-only file system  |
        | What a process finds of itself                             | /srv/real/facts.sh       | 0    | leads its session                       |
