@filesystem @needs:filesystem
Feature: Files that a rule is about
  With the sensor on, a rule on files can name paths, have the configuration of SSH and of accounts guarded, and have what is written
  looked at. Prevent stops what makes a denied path or changes configuration; everything else is only told of.

  Background:
    Given the task definition "web-and-worker"
    And the embed asks for file system monitoring

  Rule: A file that is made at a denied path is stopped under prevent, and one audit tells of it

    @filesystem-001 @F4 @F7 @extended
    Scenario: A new file at a denied path
      Given the runtime rule "no such files" for container "worker":
        | section    | effect  | denied    |
        | filesystem | prevent | /opt/data |
      And the protected task is running
      When container "worker" runs "touch /opt/data"
      Then the program did not succeed
      And "/opt/data" does not exist in container "worker"
      And exactly one audit tells of it:
        | type          | filesystem           |
        | attackType    | explicitlyDeniedFile |
        | effect        | prevent              |
        | ruleName      | no such files        |
        | containerName | worker               |
        | processPath   | /usr/bin/touch       |
        | filepath      | /opt/data            |
        | time          | within the stimulus  |
      And the audit has only members and values of the schema
      And every container is still running

    @filesystem-002 @F4 @F7 @extended
    Scenario: A new file at a denied path, under alert
      Given the runtime rule "watch files" for container "worker":
        | section    | effect | denied   |
        | filesystem | alert  | /opt/    |
      And the protected task is running
      When container "worker" runs "touch /opt/$TOKEN"
      Then the program ran and exited with 0
      And "/opt/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | type        | filesystem           |
        | attackType  | explicitlyDeniedFile |
        | effect      | alert                |
        | processPath | /usr/bin/touch       |

    @filesystem-003 @F4 @extended
    Scenario Outline: <what>
      Given the runtime rule "no such files" for container "worker":
        | section    | effect  | denied                             |
        | filesystem | prevent | /opt/data, /etc/profile, /dev/null |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | what                                  | command                         |
        | A file whose path only begins so      | touch /opt/database             |
        | A folder elsewhere                    | mkdir /tmp/$TOKEN               |
        | A file that is only read              | cat /etc/profile                |
        | A device, to which writing is no file | sh -c 'echo $TOKEN > /dev/null' |

    @filesystem-004 @F4 @extended
    Scenario Outline: Made by <how>
      Given the runtime rule "no such files" for container "worker":
        | section    | effect  | denied    |
        | filesystem | prevent | /opt/data |
      And the protected task is running
      And container "worker" has run "sh -c 'mkdir /tmp/folder; echo x > /tmp/folder/file; ln -s /opt/data /tmp/link; ln -s /opt /tmp/opt'"
      And container "worker" has the program "/tmp/make":
        """
        #!/usr/bin/python3
        import ctypes, os, struct, sys
        c = ctypes.CDLL(None)
        ways = {
            "openat2": lambda: c.syscall(437, -100, b"/opt/data", struct.pack("QQQ", os.O_WRONLY | os.O_CREAT, 0o644, 0), 24),
            "creat": lambda: c.syscall(85, b"/opt/data", 0o644),
        }
        sys.exit(ways[sys.argv[1]]() == -1)
        """
      When container "worker" runs "<command>"
      Then the program did not succeed
      And "/opt/data" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedFile |
        | effect     | prevent              |
        | filepath   | /opt/data            |

      Examples:
        | how                      | command                                                                                   |
        | a move                   | mv /tmp/folder/file /opt/data                                                             |
        | a move of a folder       | mv /tmp/folder /opt/data                                                                  |
        | a hard link              | ln /tmp/folder/file /opt/data                                                             |
        | a symbolic link          | ln -s /tmp/folder/file /opt/data                                                          |
        | making a folder          | mkdir /opt/data                                                                           |
        | making a named pipe      | mkfifo /opt/data                                                                          |
        | writing through a link   | sh -c 'echo $TOKEN > /tmp/link'                                                           |
        | a folder that is a link  | cp /tmp/folder/file /tmp/opt/data                                                         |
        | a path with dots         | cp /tmp/folder/file /usr/../opt/./data                                                    |
        | a path from its folder   | sh -c 'cd /opt && cp /tmp/folder/file data'                                               |
        | openat2                  | python3 /tmp/make openat2                                                                 |
        | creat                    | python3 /tmp/make creat                                                                   |

    @filesystem-005 @F4 @extended
    Scenario: Both lists name a path (declared choice)
      Given the runtime rule "denied and allowed" for container "worker":
        | section    | effect  | allowed | denied    |
        | filesystem | prevent | /opt    | /opt/data |
      And the protected task is running
      When container "worker" runs "touch /opt/data"
      Then the program did not succeed
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedFile |
        | effect     | prevent              |

  Rule: A write to a file that exists already is only told of

    @filesystem-010 @F5 @F7 @extended
    Scenario Outline: <how> a file at a denied path
      Given the runtime rule "no such files" for container "worker":
        | section    | effect  | denied       |
        | filesystem | prevent | /etc/profile |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedFile |
        | effect     | alert                |
        | ruleName   | no such files        |
        | filepath   | /etc/profile         |

      Examples:
        | how             | command                                     |
        | Writing over    | sh -c 'echo $TOKEN > /etc/profile'          |
        | Adding to       | sh -c 'echo $TOKEN >> /etc/profile'         |
        | Cutting         | truncate -s 0 /etc/profile                  |

  Rule: Configuration of SSH and of administrative accounts is not changed under prevent, new or not

    @filesystem-020 @F4 @F7 @extended
    Scenario Outline: <what>
      Given the runtime rule "configuration stays" for container "worker":
        | section    | effect  | option        |
        | filesystem | prevent | backdoorFiles |
      And the protected task is running
      And container "worker" has run "sh -c 'mkdir -p /tmp/ssh; cp /etc/passwd /tmp/before; echo x > /tmp/x'"
      When container "worker" runs "<command>"
      Then the program did not succeed
      And exactly one audit tells of it:
        | type       | filesystem |
        | attackType | <type>     |
        | effect     | prevent    |
        | filepath   | <path>     |
      When container "worker" runs "cmp /etc/passwd /tmp/before"
      Then the program ran and exited with 0

      Examples:
        | what                            | command                                            | type                  | path                 |
        | A new account                   | sh -c 'echo $TOKEN::0:0::/:/bin/sh >> /etc/passwd' | administrativeAccount | /etc/passwd          |
        | Accounts replaced by a move     | mv /tmp/x /etc/passwd                              | administrativeAccount | /etc/passwd          |
        | Accounts that are moved away    | mv /etc/shadow /tmp/shadow                         | administrativeAccount | /etc/shadow          |
        | Their folder moved away         | mv /etc /tmp/etc                                   | sshAccess             | /etc                 |
        | A new right                     | cp /tmp/x /etc/sudoers                             | administrativeAccount | /etc/sudoers         |
        | The folder of keys              | mkdir /root/.ssh                                   | sshAccess             | /root/.ssh           |
        | A folder that becomes that      | mv /tmp/ssh /home/app/.ssh                         | sshAccess             | /home/app/.ssh       |

    @filesystem-063 @F4 @F7 @extended
    Scenario: Accounts by a second name of their file
      Given the runtime rule "configuration stays" for container "worker":
        | section    | effect  | option        |
        | filesystem | prevent | backdoorFiles |
      And the protected task is running
      And container "worker" has run "ln /etc/passwd /tmp/also"
      When container "worker" runs "sh -c 'echo $TOKEN::0:0::/:/bin/sh >> /tmp/also'"
      Then the program did not succeed
      And exactly one audit tells of it:
        | type       | filesystem            |
        | attackType | administrativeAccount |
        | effect     | prevent               |

    @filesystem-021 @F4 @F7 @extended
    Scenario: Configuration is changed, under alert
      Given the runtime rule "watch configuration" for container "worker":
        | section    | effect | option        |
        | filesystem | alert  | backdoorFiles |
      And the protected task is running
      When container "worker" runs "sh -c 'echo $TOKEN::0:0::/:/bin/sh >> /etc/passwd'"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | attackType | administrativeAccount |
        | effect     | alert                 |

    @filesystem-022 @F4 @extended
    Scenario: Configuration is read
      Given the runtime rule "configuration stays" for container "worker":
        | section    | effect  | option        |
        | filesystem | prevent | backdoorFiles |
      And the protected task is running
      When container "worker" runs "grep root /etc/passwd /etc/shadow"
      Then the program ran and exited with 0
      And no audit tells of it

    @filesystem-023 @F4 @extended
    Scenario: The detection is off
      Given the runtime rule "everything else" for container "worker":
        | section    | effect  | option                               |
        | filesystem | prevent | checkNewFiles, suspiciousELFHeaders  |
      And the protected task is running
      When container "worker" runs "sh -c 'echo $TOKEN::0:0::/:/bin/sh >> /etc/passwd'"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: New and changed binaries and certificates are told of, and never stopped

    @filesystem-030 @F4 @F7 @extended
    Scenario Outline: <what>, under prevent
      Given the runtime rule "watch binaries" for container "worker":
        | section    | effect  | option        |
        | filesystem | prevent | checkNewFiles |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | type       | filesystem     |
        | attackType | <type>         |
        | effect     | alert          |
        | ruleName   | watch binaries |
        | filepath   | <path>         |

      Examples:
        | what                                | command                                           | type           | path                 |
        | A copy of a binary                  | cp /usr/bin/true /tmp/made                        | elfFileAccess  | /tmp/made            |
        | A binary that is written over       | sh -c 'cat /usr/bin/true > /usr/bin/factor'       | elfFileAccess  | /usr/bin/factor      |
        | A binary that is added to           | sh -c 'echo $TOKEN >> /usr/bin/factor'            | elfFileAccess  | /usr/bin/factor      |
        | A binary under another name         | mv /usr/bin/factor /tmp/factor                    | elfFileAccess  | /tmp/factor          |
        | A binary under one more name        | ln /usr/bin/factor /tmp/factor                    | elfFileAccess  | /tmp/factor          |
        | An executable script                | cp -p /usr/local/bin/entry.sh /tmp/made           | execFileAccess | /tmp/made            |
        | A certificate                       | sh -c 'echo $TOKEN > /opt/made.pem'           | fileIntegrity  | /opt/made.pem    |

    @filesystem-031 @F4 @extended
    Scenario Outline: <command>
      Given the runtime rule "watch binaries" for container "worker":
        | section    | effect  | allowed  | option        |
        | filesystem | prevent | /srv     | checkNewFiles |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | command                                      |
        | cp /etc/passwd /tmp/made                     |
        | cp /usr/bin/true /srv/made                   |
        | sh -c 'echo $TOKEN > /tmp/made.txt'          |

  Rule: Binaries with suspicious headers and encrypted or packed ones are told of, and never stopped

    @filesystem-040 @F4 @F7 @extended
    Scenario Outline: <what>, under prevent
      Given the runtime rule "watch binaries" for container "worker":
        | section    | effect  | option   |
        | filesystem | prevent | <option> |
      And the protected task is running
      And container "worker" has the program "/tmp/make":
        """
        #!/usr/bin/python3
        import os, struct, sys
        body = bytearray(open("/usr/bin/factor", "rb").read())
        if sys.argv[1] == "odd":
            struct.pack_into("<Q", body, 24, 0x70000000)
        if sys.argv[1] == "packed":
            table = struct.unpack_from("<Q", body, 32)[0]
            for at in range(table, table + 56 * struct.unpack_from("<H", body, 56)[0], 56):
                kind, flags, offset, _, _, length = struct.unpack_from("<IIQQQQ", body, at)
                if (kind, flags) == (1, 5):
                    body[offset:offset + length] = os.urandom(length)
        open("/tmp/made", "wb").write(body)
        """
      When container "worker" runs "python3 /tmp/make <kind>"
      Then the program ran and exited with 0
      And "/tmp/made" exists in container "worker"
      And exactly one audit tells of it:
        | type        | filesystem         |
        | attackType  | <type>             |
        | effect      | alert              |
        | filepath    | /tmp/made          |
        | processPath | /usr/bin/python3.11 |

      Examples:
        | what                            | kind   | option                                      | type                |
        | An entry point outside the code | odd    | suspiciousELFHeaders, skipEncryptedBinaries | suspiciousELFHeader |
        | Encrypted code                  | packed |                                             | encryptedBinary     |

    @filesystem-041 @F4 @extended
    Scenario Outline: <what>, where that is not looked for
      Given the runtime rule "watch others" for container "worker":
        | section    | effect  | option   |
        | filesystem | prevent | <option> |
      And the protected task is running
      And container "worker" has the program "/tmp/make":
        """
        #!/usr/bin/python3
        import os, struct, sys
        body = bytearray(open("/usr/bin/factor", "rb").read())
        if sys.argv[1] == "odd":
            struct.pack_into("<Q", body, 24, 0x70000000)
        if sys.argv[1] == "packed":
            table = struct.unpack_from("<Q", body, 32)[0]
            for at in range(table, table + 56 * struct.unpack_from("<H", body, 56)[0], 56):
                kind, flags, offset, _, _, length = struct.unpack_from("<IIQQQQ", body, at)
                if (kind, flags) == (1, 5):
                    body[offset:offset + length] = os.urandom(length)
        open("/tmp/made", "wb").write(body)
        """
      When container "worker" runs "python3 /tmp/make <kind>"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | what                            | kind   | option                                      |
        | An entry point outside the code | odd    |                                             |
        | Encrypted code                  | packed | suspiciousELFHeaders, skipEncryptedBinaries |
        | An ordinary binary              | fine   | suspiciousELFHeaders                        |

  Rule: A section that is disabled neither stops nor tells

    @filesystem-050 @F1 @extended
    Scenario: A disabled section
      Given the runtime rule "nothing" for container "worker":
        | section    | effect  | denied | option                       |
        | filesystem | disable | /opt   | backdoorFiles, checkNewFiles |
      And the protected task is running
      When container "worker" runs "cp /usr/bin/true /opt/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: Rules on files hold for an app that is not root

    @filesystem-051 @F4 @F7 @extended
    Scenario: A new file at a denied path, by another user
      Given the task definition "non-root"
      And the runtime rule "no such files" for container "app":
        | section    | effect  | denied    |
        | filesystem | prevent | /tmp/data |
      And the protected task is running
      When container "app" runs "touch /tmp/data"
      Then the program did not succeed
      And "/tmp/data" does not exist in container "app"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedFile |
        | effect     | prevent              |
        | filepath   | /tmp/data            |
        | user       | app                  |

    @filesystem-052 @F4 @F7 @extended
    Scenario: A new binary, by another user
      Given the task definition "non-root"
      And the runtime rule "watch binaries" for container "app":
        | section    | effect  | option        |
        | filesystem | prevent | checkNewFiles |
      And the protected task is running
      When container "app" runs "cp /usr/bin/true /tmp/made"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | attackType | elfFileAccess |
        | effect     | alert         |
        | filepath   | /tmp/made     |
        | user       | app           |
