/* The least that keeping bodies costs: bodies COMMIT DATABASE FILE… hashes each file,
 * compresses it and inserts it with an address and a time into one table, COMMIT of
 * them in a transaction (write-ahead log, synchronous=FULL, as the home database). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nettle/sha2.h>
#include <sqlite3.h>
#include <zstd.h>

#define MOST ((size_t)16 << 20)

static sqlite3 *database;

static void check(int result)
{
    if (result != SQLITE_OK && result != SQLITE_DONE) {
        fprintf(stderr, "bodies: %s\n", sqlite3_errmsg(database));
        exit(1);
    }
}

static void run(const char *sql)
{
    check(sqlite3_exec(database, sql, NULL, NULL, NULL));
}

static void digest(const char *body, size_t size, char out[2 * SHA256_DIGEST_SIZE + 1])
{
    struct sha256_ctx context;
    uint8_t bytes[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, size, (const uint8_t *)body);
    sha256_digest(&context, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

static void keep(sqlite3_stmt *statement, const char *path, char *body, char *packed)
{
    char key[2 * SHA256_DIGEST_SIZE + 1];
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(body, 1, MOST, file);
    if (file == NULL || fclose(file) != 0) {
        fprintf(stderr, "bodies: %s cannot be read\n", path);
        exit(1);
    }
    digest(body, size, key);
    size_t compressed = ZSTD_compress(packed, ZSTD_compressBound(MOST), body, size, 3);
    check(sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC));
    check(sqlite3_bind_int64(statement, 2, (sqlite3_int64)size));
    check(sqlite3_bind_blob64(statement, 3, packed, compressed, SQLITE_STATIC));
    check(sqlite3_bind_text(statement, 4, path, -1, SQLITE_STATIC));
    check(sqlite3_bind_int64(statement, 5, (sqlite3_int64)time(NULL)));
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

int main(int count, char **arguments)
{
    if (count < 4) {
        fprintf(stderr, "usage: bodies COMMIT DATABASE FILE…\n");
        return 64;
    }
    int every = (int)strtol(arguments[1], NULL, 10);
    char *body = malloc(MOST);
    char *packed = malloc(ZSTD_compressBound(MOST));
    sqlite3_stmt *statement = NULL;
    if (body == NULL || packed == NULL || every < 1) {
        return 1;
    }
    check(sqlite3_open(arguments[2], &database));
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE raw(sha256 TEXT PRIMARY KEY, size INTEGER, body BLOB, url TEXT,"
        " stored_at INTEGER)");
    check(sqlite3_prepare_v2(database,
                             "INSERT INTO raw VALUES(?, ?, ?, ?, ?)"
                             " ON CONFLICT(sha256) DO NOTHING",
                             -1, &statement, NULL));
    run("BEGIN IMMEDIATE");
    for (int i = 3; i < count; i++) {
        keep(statement, arguments[i], body, packed);
        if ((i - 2) % every == 0) {
            run("COMMIT; BEGIN IMMEDIATE");
        }
    }
    run("COMMIT");
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    free(packed);
    free(body);
    return 0;
}
