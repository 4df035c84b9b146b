/* A disk that fails on purpose, for tests/journal_crash.rs: LD_PRELOADed into a signer, it stands between SQLite and libc.
 *
 * Only files below RF_FAULT_DIR are touched. Every write and truncation saves what it replaces, in RF_FAULT_UNDO, until the
 * file is synced, across processes: that is what the page cache holds and the disk may not. RF_FAULT_AT counts writes,
 * truncations and syncs; at that count RF_FAULT_KIND happens:
 *
 *   kill    half of the write, then SIGKILL; the page cache survives
 *   power   SIGKILL, and what was not synced is undone: all of it, or each 512-byte sector by the toss of a coin (torn pages)
 *   eio     the write fails with EIO, once
 *   full    half of the write, then ENOSPC for this and every later write
 *   sync    the sync fails with EIO, once; its pages stay unsynced for ever, as Linux does it
 *   none    nothing
 *
 * RF_FAULT_LIE=1: a sync does nothing and reports success. With it a power loss must be noticed, or the test has no teeth.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define SECTOR 512
#define PATH_BYTES 256

typedef struct {
    char path[PATH_BYTES];
    off_t offset;   /* where the saved bytes belong */
    size_t saved;   /* how many bytes were there */
    off_t size;     /* the file's size before */
    size_t written; /* how many bytes replaced them; 0 for a truncation */
    int stuck;      /* a failed sync: later syncs don't help */
    unsigned char *bytes;
} undo_t;

static undo_t *undo;
static size_t undo_count, undo_room;
static long at = -1, operations;
static const char *dir, *kind, *undo_path;
static int lie, full, ready;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

static void push(undo_t entry) {
    if (undo_count == undo_room) {
        undo_room = undo_room ? undo_room * 2 : 64;
        undo = realloc(undo, undo_room * sizeof *undo);
        if (!undo) abort();
    }
    undo[undo_count++] = entry;
}

static void store(void) {
    int fd = open(undo_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) abort();
    for (size_t i = 0; i < undo_count; i++) {
        if (real_write(fd, &undo[i], sizeof undo[i]) != (ssize_t)sizeof undo[i]) abort();
        if (real_write(fd, undo[i].bytes, undo[i].saved) != (ssize_t)undo[i].saved) abort();
    }
    close(fd);
}

static void load(void) {
    int fd = open(undo_path, O_RDONLY);
    undo_t entry;
    if (fd < 0) return;
    while (read(fd, &entry, sizeof entry) == (ssize_t)sizeof entry) {
        entry.bytes = malloc(entry.saved + 1);
        if (!entry.bytes) abort();
        /* A process killed while storing leaves a short tail: that undo is lost, as if its write had reached the disk. */
        if (read(fd, entry.bytes, entry.saved) != (ssize_t)entry.saved) break;
        push(entry);
    }
    close(fd);
}

static void start(void) {
    if (ready) return;
    ready = 1;
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    dir = getenv("RF_FAULT_DIR");
    kind = getenv("RF_FAULT_KIND");
    undo_path = getenv("RF_FAULT_UNDO");
    lie = getenv("RF_FAULT_LIE") != NULL;
    if (getenv("RF_FAULT_AT")) at = atol(getenv("RF_FAULT_AT"));
    if (getenv("RF_FAULT_SEED")) srand((unsigned)atol(getenv("RF_FAULT_SEED")));
    if (!kind) kind = "none";
    if (dir && undo_path) load();
}

/* True if the descriptor is one of ours, and then its path. */
static int ours(int fd, char *path) {
    char link[64];
    if (!dir || !undo_path) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_BYTES - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return strncmp(path, dir, strlen(dir)) == 0;
}

static void save(const char *path, off_t offset, size_t length, size_t written) {
    undo_t entry = {.offset = offset, .written = written};
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0) abort();
    snprintf(entry.path, sizeof entry.path, "%s", path);
    entry.size = st.st_size;
    entry.bytes = calloc(1, length + 1);
    if (!entry.bytes) abort();
    ssize_t n = pread(fd, entry.bytes, length, offset);
    entry.saved = n < 0 ? 0 : (size_t)n;
    close(fd);
    push(entry);
    store();
}

/* Puts one saved write back, all of it or by the sector. */
static void revert(const undo_t *entry, int whole) {
    int fd = open(entry->path, O_RDWR);
    if (fd < 0) return; /* removed since */
    size_t length = entry->written > entry->saved ? entry->written : entry->saved;
    unsigned char *old = calloc(1, length + 1);
    if (!old) abort();
    memcpy(old, entry->bytes, entry->saved);
    for (size_t done = 0; done < length;) {
        size_t room = SECTOR - (size_t)((entry->offset + (off_t)done) % SECTOR);
        size_t step = length - done < room ? length - done : room;
        if (whole || rand() % 2) real_pwrite(fd, old + done, step, entry->offset + (off_t)done);
        done += step;
    }
    if (whole && !entry->stuck && real_ftruncate(fd, entry->size) != 0) abort();
    free(old);
    close(fd);
}

static void power_loss(void) {
    int whole = rand() % 3 == 0;
    while (undo_count > 0) revert(&undo[--undo_count], whole);
    store();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int now(void) { return ++operations == at; }

static int is(const char *name) { return strcmp(kind, name) == 0; }

static ssize_t do_write(int fd, const void *data, size_t length, off_t offset, int positioned) {
    char path[PATH_BYTES];
    if (!ours(fd, path)) return positioned ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
    int fault = now();
    off_t place = positioned ? offset : lseek(fd, 0, SEEK_CUR);
    if (full) { errno = ENOSPC; return -1; }
    if (fault && is("eio")) { errno = EIO; return -1; }
    size_t part = fault && (is("kill") || is("full")) ? length / 2 : length;
    save(path, place, part, part);
    ssize_t n = positioned ? real_pwrite(fd, data, part, offset) : real_write(fd, data, part);
    if (!fault) return n;
    if (is("kill")) { kill(getpid(), SIGKILL); for (;;) pause(); }
    if (is("power")) power_loss();
    if (is("full")) { full = 1; if (n == 0) { errno = ENOSPC; return -1; } }
    return n;
}

/* True if a later write made the pages of a failed sync dirty again. Only compared with entries not yet moved. */
static int rewritten(size_t i) {
    off_t end = undo[i].offset + (off_t)undo[i].written;
    for (size_t j = i + 1; j < undo_count; j++) {
        off_t last = undo[j].offset + (off_t)undo[j].written;
        if (!undo[j].stuck && strcmp(undo[j].path, undo[i].path) == 0 && undo[j].offset <= undo[i].offset && last >= end)
            return 1;
    }
    return 0;
}

static int do_sync(int fd, int (*real)(int)) {
    char path[PATH_BYTES];
    if (!ours(fd, path)) return real(fd);
    int fault = now();
    if (fault && is("kill")) { kill(getpid(), SIGKILL); for (;;) pause(); }
    if (fault && is("power")) power_loss();
    if (fault && is("sync")) {
        for (size_t i = 0; i < undo_count; i++) undo[i].stuck |= strcmp(undo[i].path, path) == 0;
        store();
        errno = EIO;
        return -1;
    }
    if (lie) return 0;
    size_t kept = 0;
    struct stat st;
    off_t size = fstat(fd, &st) == 0 ? st.st_size : 0;
    for (size_t i = 0; i < undo_count; i++) {
        if (strcmp(undo[i].path, path) != 0 || (undo[i].stuck && undo[i].offset < size && !rewritten(i))) {
            undo[kept++] = undo[i];
        } else {
            free(undo[i].bytes);
        }
    }
    undo_count = kept;
    store();
    return 0; /* The page cache is durable enough for what is simulated here. */
}

static int do_truncate(int fd, off_t size) {
    char path[PATH_BYTES];
    struct stat st;
    if (!ours(fd, path)) return real_ftruncate(fd, size);
    int fault = now();
    if (full || (fault && is("eio"))) { errno = full ? ENOSPC : EIO; return -1; }
    if (fstat(fd, &st) == 0 && st.st_size > size) save(path, size, (size_t)(st.st_size - size), 0);
    int result = real_ftruncate(fd, size);
    if (fault && is("kill")) { kill(getpid(), SIGKILL); for (;;) pause(); }
    if (fault && is("power")) power_loss();
    return result;
}

#define GUARDED(type, call) \
    pthread_mutex_lock(&lock); start(); type result = (call); int saved = errno; \
    pthread_mutex_unlock(&lock); errno = saved; return result

ssize_t write(int fd, const void *data, size_t n) { GUARDED(ssize_t, do_write(fd, data, n, 0, 0)); }
ssize_t pwrite(int fd, const void *data, size_t n, off_t at_) { GUARDED(ssize_t, do_write(fd, data, n, at_, 1)); }
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at_) { GUARDED(ssize_t, do_write(fd, data, n, at_, 1)); }
int fsync(int fd) { GUARDED(int, do_sync(fd, real_fsync)); }
int fdatasync(int fd) { GUARDED(int, do_sync(fd, real_fdatasync)); }
int ftruncate(int fd, off_t size) { GUARDED(int, do_truncate(fd, size)); }
int ftruncate64(int fd, off_t size) { GUARDED(int, do_truncate(fd, size)); }
