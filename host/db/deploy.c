/* Which version of a pipeline's files is deployed, and what each host has. */
#include "base/text.h"
#include "db/engine.h"
#include "db/schedule.h"
#include "value/record.h"

enum mz_code mz_pipeline_deploy(struct mz_db *db,
                                const struct mz_deployment *deployment, bool *changed,
                                struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(deployment->name), mz_text(deployment->file), mz_text(deployment->hash),
        mz_time(mz_db_now(db)), mz_text(deployment->who)};
    int64_t rows = 0;
    enum mz_code code = mz_db_execute(
        db,
        "INSERT INTO pipeline(name, file, deployed_hash, deployed_at, deployed_by)"
        " VALUES($1, $2, $3, $4, $5)"
        " ON CONFLICT(name) DO UPDATE SET deployed_hash = excluded.deployed_hash,"
        " deployed_at = excluded.deployed_at, deployed_by = excluded.deployed_by"
        " WHERE pipeline.deployed_hash IS NULL"
        " OR pipeline.deployed_hash <> excluded.deployed_hash",
        arguments, MZ_COUNT(arguments), &rows, error);

    *changed = rows > 0;
    return code;
}

enum mz_code mz_pipeline_undeploy(struct mz_db *db, const char *name, bool *changed,
                                  struct mz_error *error)
{
    const struct mizan_value argument = mz_text(name);
    int64_t rows = 0;
    enum mz_code code = mz_db_execute(
        db,
        "UPDATE pipeline SET deployed_hash = NULL, deployed_at = NULL,"
        " deployed_by = NULL WHERE name = $1 AND deployed_hash IS NOT NULL",
        &argument, 1, &rows, error);

    *changed = rows > 0;
    return code;
}

struct walk {
    bool (*row)(void *context, const char *name, const char *hash);
    void *context;
};

static bool walk_row(void *context, const struct mz_row *row)
{
    const struct walk *walk = context;

    return walk->row(walk->context, row->values[0].as.text.data,
                     row->values[1].as.text.data);
}

enum mz_code mz_pipelines_deployed(struct mz_db *db,
                                   bool (*row)(void *context, const char *name,
                                               const char *hash),
                                   void *context, struct mz_error *error)
{
    struct walk walk = {row, context};

    return mz_db_query(db,
                       "SELECT name, deployed_hash FROM pipeline"
                       " WHERE deployed_hash IS NOT NULL",
                       NULL, 0, walk_row, &walk, error);
}

enum mz_code mz_host_note(struct mz_db *db, const char *host, const char *labels,
                          const char *files, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(host), mz_text(labels),
                                            mz_text(files)};

    return mz_db_execute(db,
                         "UPDATE host SET labels = $2, deployed = $3 WHERE name = $1",
                         arguments, MZ_COUNT(arguments), NULL, error);
}
