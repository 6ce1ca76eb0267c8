/* A description: `mizan describe --json FILE` in a child, its output and what it says
 * when it fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sched/daemon.h"

#define MOST_JSON  ((size_t)16 << 20)
#define MOST_ERROR ((size_t)8 << 10)

struct description {
    uv_process_t process;
    uv_pipe_t pipes[2]; /* standard output, standard error */
    struct mz_buffer texts[2];
    struct mz_daemon *daemon;
    struct mz_entry *entry;
    int64_t status;
    int signal, open; /* open: handles that are not closed yet */
    char why[200];
};

static void finish(struct description *description)
{
    char failure[600];
    struct mz_buffer *error = &description->texts[1];
    const char *text = error->data == NULL ? "" : error->data;
    bool well = description->status == 0 && description->signal == 0 &&
                description->why[0] == '\0' && mz_buffer_ok(&description->texts[0]);
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n') {
        length--;
    }
    if (description->why[0] != '\0') {
        snprintf(failure, sizeof failure, "%s", description->why);
    } else if (length > 0) {
        snprintf(failure, sizeof failure, "%.*s", (int)(length < 500 ? length : 500),
                 text);
    } else {
        snprintf(failure, sizeof failure, "mizan describe ended with %d",
                 description->signal != 0 ? 128 + description->signal
                                          : (int)description->status);
    }
    mz_catalog_described(description->daemon, description->entry,
                         &description->texts[0], well ? NULL : failure);
    mz_buffer_finish(&description->texts[0]);
    mz_buffer_finish(&description->texts[1]);
    free(description);
}

static void on_closed(uv_handle_t *handle)
{
    struct description *description = handle->data;
    if (--description->open == 0) {
        finish(description);
    }
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    (void)handle;
    buffer->base = malloc(wanted);
    buffer->len = buffer->base == NULL ? 0 : wanted;
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct description *description = stream->data;
    size_t which = (const uv_stream_t *)&description->pipes[1] == stream ? 1 : 0;
    if (size > 0) {
        mz_buffer_add(&description->texts[which], buffer->base, (size_t)size);
    } else if (size < 0) {
        uv_close((uv_handle_t *)stream, on_closed);
    }
    free(buffer->base);
}

static void on_exit_of_child(uv_process_t *process, int64_t status, int number)
{
    struct description *description = process->data;
    description->status = status;
    description->signal = number;
    uv_close((uv_handle_t *)process, on_closed);
}

void mz_describe_start(struct mz_daemon *daemon, struct mz_entry *entry)
{
    struct description *description = calloc(1, sizeof *description);
    char name[] = "mizan", describe[] = "describe", json[] = "--json";
    char *file = strdup(entry->file);
    if (description == NULL || file == NULL) {
        free(description);
        free(file);
        mz_catalog_described(daemon, entry, NULL, "not enough memory to describe it");
        return;
    }
    char *arguments[] = {name, describe, json, file, NULL};
    uv_stdio_container_t streams[3] = {{.flags = UV_IGNORE}};
    uv_process_options_t options = {.args = arguments,
                                    .exit_cb = on_exit_of_child,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = streams,
                                    .stdio_count = 3};
    description->daemon = daemon;
    description->entry = entry;
    description->open = 3;
    description->process.data = description;
    mz_buffer_init(&description->texts[0], MOST_JSON);
    mz_buffer_init(&description->texts[1], MOST_ERROR);
    for (int i = 0; i < 2; i++) {
        (void)uv_pipe_init(&daemon->loop, &description->pipes[i], 0);
        description->pipes[i].data = description;
        streams[i + 1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
        streams[i + 1].data.stream = (uv_stream_t *)&description->pipes[i];
    }
    int result = mz_spawn(daemon, &description->process, &options, NULL);
    free(file);
    if (result != 0) {
        snprintf(description->why, sizeof description->why,
                 "mizan describe cannot be started: %s", uv_strerror(result));
        uv_close((uv_handle_t *)&description->process, on_closed);
        uv_close((uv_handle_t *)&description->pipes[0], on_closed);
        uv_close((uv_handle_t *)&description->pipes[1], on_closed);
        return;
    }
    (void)uv_read_start((uv_stream_t *)&description->pipes[0], give_room, on_read);
    (void)uv_read_start((uv_stream_t *)&description->pipes[1], give_room, on_read);
}
