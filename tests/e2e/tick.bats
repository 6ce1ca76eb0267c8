# `mizan run --tick`: the run of a tick without a scheduler, from crontab or a timer.
load common
setup() {
    work_setup
    project
    mkdir in
    echo "12 tanks." >in/a.txt
    # The last tick of a yearly schedule does not change while a test runs.
    scheduled 'cron = "0 0 1 1 *"'
}
teardown() { work_teardown; }

# scheduled SCHEDULE STAGE…: p.lua with this schedule.
scheduled() {
    local schedule=$1
    shift
    pipeline "$@"
    sed -i "s/name = \"p\",/name = \"p\", schedule = { $schedule },/" p.lua
}

# the slow stage of the tests that need a run that goes on
slow='mizan.each("figure", "slow", function(f) local n = 0 for i = 1, 3e8 do n = n + i end return f end),'

@test "a doubled line runs once: the second says so and ends with 0" {
    run "$MIZAN" run --tick p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run --tick p.lua
    fails_with 0 "-01-01T00:00:00Z of pipeline 'p' is done already, by run " "nothing to do"
    [ "$(rows "SELECT count(*) FROM run")" -eq 1 ]
    run rows "SELECT kind, triggered_by, attempt, data_to = tick_at, cpu_ms > 0, peak_kb > 1000 FROM run"
    [ "$output" = $'tick\ttime\t1\t1\t1\t1' ]
    run rows "SELECT state, attempt, run_id = (SELECT id FROM run) FROM tick"
    [ "$output" = $'done\t1\t1' ]
    run "$MIZAN" run --tick --json p.lua
    fails_with 0 '"status":"nothing"' '"tick":"'
}

@test "a tick by its time, and --force runs it once more" {
    run "$MIZAN" run --tick 2025-03-01T10:00Z p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run --tick=2025-03-01T10:00:00Z p.lua
    fails_with 0 "nothing to do"
    run "$MIZAN" run --tick=2025-03-01T10:00:00Z --force p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT attempt FROM tick WHERE tick_at = '2025-03-01T10:00:00Z'")" -eq 2 ]
    run "$MIZAN" run --tick=2025-04-01T10:00:00Z p.lua
    run rows "SELECT data_from, data_to FROM run WHERE tick_at = '2025-04-01T10:00:00Z'"
    [ "$output" = $'2025-03-01T10:00:00Z\t2025-04-01T10:00:00Z' ]
}

@test "the script sees the tick and its interval" {
    scheduled 'cron = "0 0 1 1 *"' 'mizan.each("figure", "log", function(f, ctx) ctx.log:info(("%s %s %s %s %d"):format(ctx.run.trigger, ctx.run.tick, tostring(ctx.run.from), ctx.run.to, ctx.run.attempt)) return f end),'
    run "$MIZAN" run --tick=2025-03-01T10:00:00Z p.lua
    fails_with 0 "time 2025-03-01T10:00:00Z false 2025-03-01T10:00:00Z 1"
}

@test "wrong uses are told" {
    run "$MIZAN" run --tick=yesterday p.lua
    fails_with 64 "--tick takes a time, not 'yesterday'"
    run "$MIZAN" run --force p.lua
    fails_with 64 "--force goes with --tick"
    pipeline
    run "$MIZAN" run --tick p.lua
    fails_with 78 "no cron"
}

@test "doubled at the same moment: one runs, the other ends with 0 and names it" {
    scheduled 'cron = "0 0 1 1 *"' "$slow"
    "$MIZAN" run --tick p.lua 3>&- &
    first=$!
    for _ in $(seq 200); do
        [ "$(rows "SELECT count(*) FROM lease" 2>/dev/null)" = 1 ] && break
        sleep 0.05
    done
    run "$MIZAN" run --tick p.lua
    fails_with 0 "being run by pid" "nothing to do"
    run "$MIZAN" run --tick=2025-03-01T10:00:00Z p.lua
    fails_with 75 "is being run by pid" "since" "run "
    wait "$first"
    [ "$(rows "SELECT count(*) FROM run")" -eq 1 ]
}

@test "a run that is killed leaves its tick to the next line" {
    scheduled 'cron = "0 0 1 1 *"' "$slow"
    "$MIZAN" run --tick p.lua 3>&- 2>/dev/null &
    first=$!
    for _ in $(seq 200); do
        [ "$(rows "SELECT count(*) FROM lease" 2>/dev/null)" = 1 ] && break
        sleep 0.05
    done
    kill -9 "$(rows "SELECT pid FROM lease")" "$first"
    wait "$first" || true
    scheduled 'cron = "0 0 1 1 *"'
    run "$MIZAN" run --tick p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run rows "SELECT state, attempt FROM tick"
    [ "$output" = $'done\t2' ]
    run rows "SELECT status, error FROM run ORDER BY attempt"
    [ "${lines[0]}" = $'failed\tthe process ended' ]
    [ "${lines[1]%%$'\t'*}" = ok ]
}

@test "a failed tick is run again after its delay, so often as the schedule says" {
    scheduled 'cron = "0 0 1 1 *", retries = 1, retry_delay = "1h"' 'mizan.each("document", "fail", function() error "no" end),'
    for i in 1 2 3 4 5 6 7 8 9; do echo "$i tanks." >"in/$i.txt"; done
    run "$MIZAN" run --tick p.lua
    [ "$status" -eq 1 ] || { echo "$output"; return 1; }
    run "$MIZAN" run --tick p.lua
    fails_with 0 "failed and is run again from" "nothing to do"
    sqlite3 mizan.db "UPDATE tick SET not_before = '2000-01-01T00:00:00Z'"
    run "$MIZAN" run --tick p.lua
    [ "$status" -eq 1 ] || { echo "$output"; return 1; }
    run "$MIZAN" run --tick p.lua
    fails_with 0 "is failed already" "nothing to do"
    run rows "SELECT state, attempt FROM tick"
    [ "$output" = $'failed\t2' ]
}

@test "far fewer figures than usual are told and kept" {
    for i in 1 2 3 4 5 6; do
        for n in 1 2 3 4 5 6 7 8 9; do echo "There came ${i}${n} tanks and ${n}${i} ships."; done >in/a.txt
        "$MIZAN" run --tick=2025-03-0${i}T10:00:00Z p.lua 2>/dev/null
    done
    [ "$(rows "SELECT count(*) FROM run WHERE unusual IS NOT NULL")" -eq 0 ]
    echo "12 tanks." >in/a.txt
    run "$MIZAN" run --tick=2025-03-07T10:00:00Z p.lua
    fails_with 0 "figures far below the usual: 1, usually 18"
    run rows "SELECT unusual FROM run WHERE tick_at = '2025-03-07T10:00:00Z'"
    [[ "$output" == "figures far below the usual: 1, usually 18" ]]
}
