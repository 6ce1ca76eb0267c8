#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "cli/command.h"
#include "run/environment.h"
#include "run/supervise.h"
#include "web/web.h"

#define DEFAULT_LISTEN "127.0.0.1:8780"
#define PASSWORD       "web" /* the secret's name */

static atomic_int stopped;

static void on_stop(int signal)
{
    atomic_store(&stopped, signal);
}

static void tell(void *context, const char *address)
{
    (void)context;
    fprintf(stderr, "mizan web: %s\n", address);
}

/* The password, if there is one: a secret that is not there is no error. */
static const char *read_password(const char *folder, char out[MZ_SECRET_MOST + 1])
{
    struct mz_error ignored;
    size_t size;
    return mz_secret_read(PASSWORD, folder, out, &size, &ignored) == MZ_OK ? out : NULL;
}

static enum mz_code serve(const struct mz_arguments *arguments,
                          const struct mz_environment *environment,
                          struct mz_error *error)
{
    char password[MZ_SECRET_MOST + 1];
    const char *listen = mz_argument(arguments, "listen");
    struct mz_web_settings settings = {
        .database = environment->database,
        .listen = listen == NULL ? DEFAULT_LISTEN : listen,
        .password = read_password(environment->project.folder, password),
        .read_only = mz_argument(arguments, "read-only") != NULL,
        .stop = &stopped,
        .ready = tell};
    settings.host_count = mz_argument_all(arguments, "host", &settings.hosts);
    enum mz_code code = mz_web_serve(&settings, error);
    mz_secret_wipe(password, sizeof password);
    return code;
}

int mz_command_web(const struct mz_arguments *arguments)
{
    struct mz_environment environment;
    struct mz_error error;
    struct sigaction action = {.sa_handler = on_stop};
    mz_end_with_parent();
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    enum mz_code code = mz_environment_init(&environment, mz_operand(arguments, 0),
                                            mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = serve(arguments, &environment, &error);
    mz_environment_finish(&environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
