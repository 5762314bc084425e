/* A program that takes rights from itself by a filter of its own (seccomp), starts another under it, and a thread. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void try(const char *where)
{
    int made = mkdir("/tmp/sandboxed", 0700);
    printf("%s: mkdir %s; access %d\n", where, made ? strerror(errno) : "worked", access("/srv/real", R_OK));
    fflush(stdout);
}

static void *thread(void *none)
{
    try("a thread");
    return none;
}

int main(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EROFS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    pthread_t other;
    int status;

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("seccomp");
        return 1;
    }
    try("itself");
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    if (fork() == 0) {
        execlp("python3", "python3", "-c",
               "import os\n"
               "try: os.mkdir('/tmp/sandboxed')\n"
               "except OSError as error: print('another program:', error.strerror)", (char *)NULL);
        _exit(127);
    }
    wait(&status);
    printf("its status: %d\n", WEXITSTATUS(status));
    return 4;
}
