#include "run/try_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/dead.h"
#include "db/home.h"
#include "net/net.h"
#include "run/supervise.h"

#define MOST_INPUT ((size_t)64 << 20)

bool mz_try_has_input(const struct mz_try_settings *settings)
{
    return settings->document != NULL || settings->letter != NULL ||
           settings->input != NULL || settings->url != NULL;
}

/* The document of a row {url, media_type, charset, raw_sha256}. */
static enum mz_code of_row(struct mz_db *db, const struct mizan_value *row,
                           struct mz_arena *arena, struct mz_given_document *out,
                           struct mz_error *error)
{
    const char *digest = mz_map_text(row, "raw_sha256");
    out->url = mz_map_text(row, "url");
    out->media_type = mz_map_text(row, "media_type");
    out->charset = mz_map_text(row, "charset");
    return digest == NULL ? mz_fail(error, MZ_NOT_FOUND, "no body was kept of %s",
                                    out->url == NULL ? "this letter" : out->url)
                          : mz_home_raw(db, digest, arena, &out->body, error);
}

#define COLUMNS "SELECT url, media_type, charset_declared AS charset, raw_sha256"

/* The document of the settings' id, else the latest of their address. */
static enum mz_code of_document(const struct mz_try_settings *settings,
                                struct mz_db *db, struct mz_arena *arena,
                                struct mz_given_document *out, struct mz_error *error)
{
    static const char by_id[] = COLUMNS " FROM document WHERE id = $1";
    static const char by_url[] =
        COLUMNS " FROM document WHERE url = $1 ORDER BY fetched_at DESC, id LIMIT 1";
    bool id = settings->document != NULL;
    struct mizan_value key = mz_text(id ? settings->document : settings->url), rows;
    enum mz_code code =
        mz_db_rows(db, id ? by_id : by_url, &key, 1, arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        mz_fail(error, MZ_NOT_FOUND, "there is no stored document with the %s '%s'",
                id ? "id" : "address", key.as.text.data);
        mz_error_help(error, "mizan query documents lists them%s",
                      id ? "" : "; --live asks for it");
        return MZ_NOT_FOUND;
    }
    return code == MZ_OK ? of_row(db, &rows.as.list.items[0], arena, out, error) : code;
}

static enum mz_code of_database(const struct mz_try_settings *settings,
                                const struct mz_loaded *loaded, struct mz_arena *arena,
                                struct mz_given_document *out, struct mz_error *error)
{
    struct mz_db *db;
    struct mizan_value letter;
    enum mz_code code =
        mz_db_open(loaded->environment.database, MZ_DB_READ, &db, error);
    if (code != MZ_OK) {
        return code;
    }
    if (settings->letter != NULL) {
        code = mz_dead_letter_get(db, settings->letter, arena, &letter, error);
        if (code == MZ_OK) {
            code = of_row(db, &letter, arena, out, error);
        }
    } else {
        code = of_document(settings, db, arena, out, error);
    }
    mz_db_close(db);
    return code;
}

static enum mz_code of_file(const struct mz_try_settings *settings,
                            struct mz_arena *arena, struct mz_given_document *out,
                            struct mz_error *error)
{
    const char *path = settings->input;
    bool standard = strcmp(path, "-") == 0;
    char *data;
    size_t size;
    enum mz_code code = mz_input_read(path, MOST_INPUT, &data, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    out->body.data = mz_arena_copy(arena, data, size);
    out->body.size = size;
    out->url =
        settings->url != NULL
            ? settings->url
            : mz_arena_printf(arena, "%s%s",
                              standard ? "stdin:" : "file:", standard ? "" : path);
    out->media_type = mz_guess_media_type(path, data);
    free(data);
    return out->body.data == NULL || out->url == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory for the document")
               : MZ_OK;
}

static enum mz_code of_network(const struct mz_try_settings *settings,
                               const struct mz_loaded *loaded, struct mz_arena *arena,
                               struct mz_given_document *out, struct mz_error *error)
{
    const struct mz_client_settings client_settings = {
        .private_hosts = loaded->pipeline->private_hosts,
        .private_count = loaded->pipeline->private_count,
        .robots = loaded->pipeline->robots,
        .cancel = mz_cancel_flag()};
    const struct mizan_http_request request = {.size = sizeof request,
                                               .url = settings->url};
    struct mizan_http_response response = {.size = sizeof response};
    struct mz_client *client = mz_client_create(&client_settings);
    if (client == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a request");
    }
    enum mz_code code =
        mz_client_request(client, arena, &request, NULL, &response, error);
    mz_client_destroy(client);
    if (code == MZ_OK) {
        out->body = response.body;
        out->url = response.final_url;
        out->media_type =
            mz_arena_copy(arena, response.media_type.data, response.media_type.size);
        out->charset =
            response.charset.size == 0
                ? NULL
                : mz_arena_copy(arena, response.charset.data, response.charset.size);
    }
    return code;
}

enum mz_code mz_try_input(const struct mz_try_settings *settings,
                          const struct mz_loaded *loaded, struct mz_arena *arena,
                          struct mz_given_document *out, struct mz_error *error)
{
    enum mz_code code;
    memset(out, 0, sizeof *out);
    if (settings->input != NULL) {
        code = of_file(settings, arena, out, error);
    } else if (settings->live) {
        code = of_network(settings, loaded, arena, out, error);
    } else {
        code = of_database(settings, loaded, arena, out, error);
    }
    out->lang = settings->lang;
    if (settings->media_type != NULL) {
        out->media_type = settings->media_type;
    }
    return code;
}
