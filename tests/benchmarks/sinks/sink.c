/* A small, fast SMTP server that keeps nothing: it shows how fast a client can be.

   One thread, epoll, any number of connections. Mails are counted by their ends (CRLF.CRLF), nothing else of
   them is looked at. Everything is answered 250, DATA 354. Answers go out in order, at the earliest so many
   milliseconds after what they answer came in, as from a relay that far away; the answer to the end of a mail
   takes so many more.

   sink [-d TURN_MS] [-e END_MS] [-n]    -n: PIPELINING is not offered
   Prints its port on the first line, and "MAILS CONNECTIONS" at each SIGUSR1, and when it is ended by SIGTERM or
   SIGINT. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { LINE = 2048, ANSWERS = 1024, MOST = 4096, CHUNK = 1 << 18 };

/* An answer that waits: which one, and until when (nanoseconds). */
struct answer { uint64_t due; const char *text; };

struct client {
    int fd, body, matched, ends, skipping;
    size_t line_length;
    char line[LINE];
    struct answer queue[ANSWERS];
    unsigned first, last;
    struct client *next, *before; /* of those that wait */
    int waits;
};

static const char END[] = "\r\n.\r\n";
static const char GREETING[] = "220 sink ESMTP\r\n", OK[] = "250 ok\r\n", GO[] = "354 go\r\n", BYE[] = "221 bye\r\n";
static const char PIPELINED[] = "250-sink\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n";
static const char PLAIN[] = "250-sink\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n";

static uint64_t turn_ns, end_ns;
static const char *ehlo = PIPELINED;
static unsigned long mails, connections;
static int epoll, timer;
static struct client *waiting;
static char chunk[CHUNK];

static void fail(const char *what) { perror(what); exit(1); }

static uint64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void stop_waiting(struct client *one) {
    if (!one->waits) return;
    if (one->before) one->before->next = one->next; else waiting = one->next;
    if (one->next) one->next->before = one->before;
    one->waits = 0;
}

static void start_waiting(struct client *one) {
    if (one->waits) return;
    one->before = NULL;
    one->next = waiting;
    if (waiting) waiting->before = one;
    waiting = one;
    one->waits = 1;
}

static void leave(struct client *one) {
    stop_waiting(one);
    close(one->fd);
    free(one);
}

/* Write what is due; 0 if the client is gone. Answers are small: a client that reads none of them is let go. */
static int flush(struct client *one, uint64_t now) {
    char out[8192];
    size_t length = 0;
    int end = 0;
    while (one->first != one->last && one->queue[one->first % ANSWERS].due <= now) {
        const char *text = one->queue[one->first % ANSWERS].text;
        size_t more = strlen(text);
        if (length + more > sizeof out) break;
        memcpy(out + length, text, more);
        length += more;
        end |= text == BYE;
        one->first++;
    }
    if (length && write(one->fd, out, length) != (ssize_t)length) end = 1;
    if (end) { leave(one); return 0; }
    if (one->first != one->last) start_waiting(one); else stop_waiting(one);
    return 1;
}

static void say(struct client *one, const char *text, uint64_t due) {
    if (one->last - one->first == ANSWERS) fail("too many answers wait");
    if (one->first != one->last) {
        uint64_t before = one->queue[(one->last - 1) % ANSWERS].due;
        if (due < before) due = before;
    }
    one->queue[one->last++ % ANSWERS] = (struct answer){due, text};
}

static void obey(struct client *one, uint64_t now) {
    const char *line = one->line;
    uint64_t due = now + turn_ns;
    if (!strncasecmp(line, "DATA", 4)) {
        say(one, GO, due);
        one->body = 1;
        one->matched = 2; /* the end may follow at once */
    } else if (!strncasecmp(line, "EHLO", 4)) {
        say(one, ehlo, due);
    } else if (!strncasecmp(line, "QUIT", 4)) {
        say(one, BYE, due);
    } else {
        say(one, OK, due);
    }
}

/* How much of the chunk belongs to the body; its end is taken in with it. */
static size_t body(struct client *one, const char *from, size_t length, uint64_t now) {
    size_t at = 0;
    while (one->matched && at < length) { /* an end that began in the chunk before */
        if (from[at] == END[one->matched]) { one->matched++; at++; }
        else one->matched = from[at] == '\r' ? (at++, 1) : 0;
        if (one->matched == 5) goto ended;
    }
    const char *found = memmem(from + at, length - at, END, 5);
    if (found) { at = (size_t)(found - from) + 5; goto ended; }
    for (size_t tail = length - at < 4 ? length - at : 4; tail; tail--)
        if (!memcmp(from + length - tail, END, tail)) { one->matched = (int)tail; break; }
    return length;
ended:
    one->body = one->matched = 0;
    mails++;
    say(one, OK, now + turn_ns + end_ns);
    return at;
}

static size_t command(struct client *one, const char *from, size_t length, uint64_t now) {
    const char *end = memchr(from, '\n', length);
    size_t taken = end ? (size_t)(end - from) + 1 : length;
    size_t room = LINE - 1 - one->line_length, kept = taken < room ? taken : room;
    memcpy(one->line + one->line_length, from, kept);
    one->line_length += kept;
    if (end) {
        one->line[one->line_length] = 0;
        one->line_length = 0;
        obey(one, now);
    }
    return taken;
}

static void hear(struct client *one) {
    ssize_t length = read(one->fd, chunk, CHUNK);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) { leave(one); return; }
    uint64_t now = now_ns();
    for (size_t at = 0; at < (size_t)length;)
        at += (one->body ? body : command)(one, chunk + at, (size_t)length - at, now);
    flush(one, now);
}

static void welcome(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), yes = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct client *one = calloc(1, sizeof *one);
    if (!one) fail("calloc");
    one->fd = fd;
    connections++;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    uint64_t now = now_ns();
    say(one, GREETING, now + turn_ns);
    flush(one, now);
}

static void wake_when_due(void) {
    uint64_t due = UINT64_MAX;
    for (struct client *one = waiting; one; one = one->next)
        if (one->queue[one->first % ANSWERS].due < due) due = one->queue[one->first % ANSWERS].due;
    if (due == UINT64_MAX) return;
    struct itimerspec at = {.it_value = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void speak_to_all(void) {
    uint64_t expired, now = now_ns();
    if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) fail("timer");
    for (struct client *one = waiting, *next; one; one = next) {
        next = one->next;
        flush(one, now);
    }
}

static int listening(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, MOST)) fail("listen");
    getsockname(fd, (struct sockaddr *)&at, &length);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void watch(int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

int main(int count, char **given) {
    for (int option; (option = getopt(count, given, "d:e:n")) != -1;) {
        if (option == 'd') turn_ns = (uint64_t)(atof(optarg) * 1e6);
        else if (option == 'e') end_ns = (uint64_t)(atof(optarg) * 1e6);
        else if (option == 'n') ehlo = PLAIN;
        else return 2;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGUSR1);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    int stop = signalfd(-1, &ends, SFD_NONBLOCK);
    epoll = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int listener = listening();
    watch(listener, &listener);
    watch(timer, &timer);
    watch(stop, &stop);
    for (;;) {
        struct epoll_event ready[64];
        wake_when_due();
        int found = epoll_wait(epoll, ready, 64, -1), due = 0;
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int each = 0; each < found; each++) {
            void *what = ready[each].data.ptr;
            if (what == &stop) {
                struct signalfd_siginfo which;
                if (read(stop, &which, sizeof which) != sizeof which) fail("signalfd");
                printf("%lu %lu\n", mails, connections);
                fflush(stdout);
                if (which.ssi_signo != SIGUSR1) return 0;
            } else if (what == &listener) welcome(listener);
            else if (what == &timer) due = 1;
            else hear(what);
        }
        /* After the others: it may let clients go that were ready too. */
        if (due) speak_to_all();
    }
}
