/* Preloaded into a process, ends it right before its n-th call of a kind, as kill -9 does.

   STEP_CALL: the name of the call; STEP_AT: n, over all threads. STEP_COUNTS: a file that gets "NAME TIMES" of
   each call when the process comes to its end. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { SEND, SENDTO, SENDMSG, RECV, RECVFROM, WRITE, PWRITE, PWRITE64, FSYNC, FDATASYNC, CALLS };
static const char *names[CALLS] = {
    "send", "sendto", "sendmsg", "recv", "recvfrom", "write", "pwrite", "pwrite64", "fsync", "fdatasync"};
static atomic_ulong times[CALLS];
static unsigned long at;
static int chosen = CALLS;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("STEP_CALL"), *number = getenv("STEP_AT");
    at = number ? strtoul(number, NULL, 10) : 0;
    for (int call = 0; name && call < CALLS; call++)
        if (!strcmp(name, names[call])) chosen = call;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("STEP_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    for (int call = 0; file && call < CALLS; call++) fprintf(file, "%s %lu\n", names[call], times[call]);
    if (file) fclose(file);
}

static void step(int call) {
    if (atomic_fetch_add(&times[call], 1) + 1 == at && call == chosen) kill(getpid(), SIGKILL);
}

#define STEP(CALL, TYPE, NAME, GIVEN, PASSED) \
    TYPE NAME GIVEN { \
        static TYPE(*real) GIVEN; \
        if (!real) real = (TYPE(*) GIVEN)dlsym(RTLD_NEXT, #NAME); \
        step(CALL); \
        return real PASSED; \
    }

STEP(SEND, ssize_t, send, (int fd, const void *from, size_t n, int flags), (fd, from, n, flags))
STEP(SENDTO, ssize_t, sendto,
     (int fd, const void *from, size_t n, int flags, const struct sockaddr *to, socklen_t size),
     (fd, from, n, flags, to, size))
STEP(SENDMSG, ssize_t, sendmsg, (int fd, const struct msghdr *what, int flags), (fd, what, flags))
STEP(RECV, ssize_t, recv, (int fd, void *to, size_t n, int flags), (fd, to, n, flags))
STEP(RECVFROM, ssize_t, recvfrom,
     (int fd, void *to, size_t n, int flags, struct sockaddr *from, socklen_t *size),
     (fd, to, n, flags, from, size))
STEP(WRITE, ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
STEP(PWRITE, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t offset), (fd, from, n, offset))
STEP(PWRITE64, ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t offset), (fd, from, n, offset))
STEP(FSYNC, int, fsync, (int fd), (fd))
STEP(FDATASYNC, int, fdatasync, (int fd), (fd))
