/* Everything about a plugin's file that can be known without loading it. */
#include "plug/internal.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#if UINTPTR_MAX == UINT64_MAX
#define OWN_CLASS ELFCLASS64
#else
#define OWN_CLASS ELFCLASS32
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_DATA ELFDATA2LSB
#else
#define OWN_DATA ELFDATA2MSB
#endif
#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#else
#define OWN_MACHINE EM_NONE /* not compared: the loader of the system knows */
#endif

#define SEGMENTS_MOST 128

static const char rebuild_help[] = "copy the file again, or build it again, on this "
                                   "machine";

/* Refused for what errno says. */
static enum mz_code unreadable(struct mz_error *error, const char *path)
{
    mz_fail_errno(error, MZ_PLUGIN_REFUSED, "plugin %s is refused: it cannot be read",
                  path);
    return MZ_PLUGIN_REFUSED;
}

/* The folder decides who may replace the file between these checks and its loading. */
static enum mz_code check_folder(const char *path, const char *of,
                                 struct mz_error *error)
{
    char folder[MZ_PATH];
    struct stat state;
    mz_path_folder(folder, of);
    if (stat(folder, &state) != 0) {
        return unreadable(error, path);
    }
    if ((state.st_mode & S_IWOTH) != 0 && (state.st_mode & S_ISVTX) == 0) {
        enum mz_code code = mz_refuse(error, path, NULL,
                                      "everybody may write to its folder %s", folder);
        mz_error_help(error, "chmod o-w %s", folder);
        return code;
    }
    return MZ_OK;
}

enum mz_code mz_plugin_check_file(const char *path, const char *real,
                                  struct mz_error *error)
{
    struct stat state;
    enum mz_code code;
    if (stat(real, &state) != 0) {
        return unreadable(error, path);
    }
    if (!S_ISREG(state.st_mode)) {
        return mz_refuse(error, path, "a plugin is a shared object, KIND_NAME.so",
                         "it is not a regular file");
    }
    if (state.st_uid != 0 && state.st_uid != geteuid()) {
        return mz_refuse(error, path,
                         "copy it as the user that runs mizan, or have root own it",
                         "it belongs to user %u, and only files of root and of the "
                         "user that runs mizan (%u) are loaded",
                         (unsigned)state.st_uid, (unsigned)geteuid());
    }
    if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        code = mz_refuse(error, path, NULL,
                         "%s may write to it (mode %04o), and it would run with all "
                         "rights of this user",
                         (state.st_mode & S_IWOTH) != 0 ? "everybody" : "its group",
                         (unsigned)state.st_mode & 07777U);
        mz_error_help(error, "chmod go-w %s", real);
        return code;
    }
    code = check_folder(path, path, error);
    return code != MZ_OK ? code : check_folder(path, real, error);
}

static bool read_at(int file, void *out, size_t size, off_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got =
            pread(file, (char *)out + done, size - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* got shorter meanwhile */
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static enum mz_code check_header(const char *path, const ElfW(Ehdr) * header,
                                 struct mz_error *error)
{
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        return mz_refuse(error, path, "build it with cc -shared -fPIC",
                         "it is not a shared object (no ELF header)");
    }
    if (header->e_ident[EI_CLASS] != OWN_CLASS ||
        header->e_ident[EI_DATA] != OWN_DATA ||
        (OWN_MACHINE != EM_NONE && header->e_machine != OWN_MACHINE)) {
        return mz_refuse(error, path, "build it again for this machine",
                         "it was built for another machine (ELF machine %u, class %u; "
                         "this mizan is machine %u, class %u)",
                         (unsigned)header->e_machine,
                         (unsigned)header->e_ident[EI_CLASS], (unsigned)OWN_MACHINE,
                         (unsigned)OWN_CLASS);
    }
    if (header->e_type != ET_DYN) {
        return mz_refuse(error, path, "link it with cc -shared",
                         "it is an ELF file but no shared object (type %u)",
                         (unsigned)header->e_type);
    }
    if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 ||
        header->e_phnum > SEGMENTS_MOST) {
        return mz_refuse(error, path, rebuild_help, "its ELF header is damaged");
    }
    return MZ_OK;
}

/* The last byte that the tables and segments speak of; UINT64_MAX when it overflows. */
static uint64_t needed_size(const ElfW(Ehdr) * header, const ElfW(Phdr) * segments)
{
    uint64_t most = 0;
    uint64_t end;
    if (header->e_shoff != 0) {
        end = (uint64_t)header->e_shnum * header->e_shentsize;
        if (__builtin_add_overflow(end, (uint64_t)header->e_shoff, &most)) {
            return UINT64_MAX;
        }
    }
    for (size_t i = 0; segments != NULL && i < header->e_phnum; i++) {
        if (__builtin_add_overflow((uint64_t)segments[i].p_offset,
                                   (uint64_t)segments[i].p_filesz, &end)) {
            return UINT64_MAX;
        }
        most = end > most ? end : most;
    }
    end = (uint64_t)header->e_phnum * sizeof(ElfW(Phdr));
    if (__builtin_add_overflow(end, (uint64_t)header->e_phoff, &end)) {
        return UINT64_MAX;
    }
    return end > most ? end : most;
}

static enum mz_code cut_short(const char *path, uint64_t needed, uint64_t size,
                              struct mz_error *error)
{
    if (needed == UINT64_MAX) {
        return mz_refuse(error, path, rebuild_help, "its ELF headers are damaged");
    }
    return mz_refuse(error, path, rebuild_help,
                     "it is cut short: its headers speak of %llu bytes, it has %llu",
                     (unsigned long long)needed, (unsigned long long)size);
}

static enum mz_code check_open_file(const char *path, int file, struct mz_error *error)
{
    struct stat state;
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[SEGMENTS_MOST];
    memset(&header, 0, sizeof header);
    memset(segments, 0, sizeof segments);
    if (fstat(file, &state) != 0) {
        return unreadable(error, path);
    }
    uint64_t size = (uint64_t)state.st_size;
    if (size == 0) {
        return mz_refuse(error, path, rebuild_help, "it is empty");
    }
    size_t first = size < sizeof header ? (size_t)size : sizeof header;
    if (!read_at(file, &header, first, 0)) {
        return unreadable(error, path);
    }
    if (first < sizeof header && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
        return cut_short(path, sizeof header, size, error);
    }
    enum mz_code code = check_header(path, &header, error);
    if (code != MZ_OK) {
        return code;
    }
    uint64_t needed = needed_size(&header, NULL);
    if (needed > size) {
        return cut_short(path, needed, size, error);
    }
    if (!read_at(file, segments, header.e_phnum * sizeof segments[0],
                 (off_t)header.e_phoff)) {
        return unreadable(error, path);
    }
    needed = needed_size(&header, segments);
    return needed > size ? cut_short(path, needed, size, error) : MZ_OK;
}

enum mz_code mz_plugin_check_elf(const char *path, const char *real,
                                 struct mz_error *error)
{
    int file = open(real, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return unreadable(error, path);
    }
    enum mz_code code = check_open_file(path, file, error);
    close(file);
    return code;
}
