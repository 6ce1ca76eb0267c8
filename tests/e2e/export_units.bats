# export-units: what systemd and cron are told.
load common
setup() {
    work_setup
    unset MIZAN_DB
    project
    mkdir in
}
teardown() { work_teardown; }

# due NAME CRON [ZONE]: a pipeline file NAME.lua with that schedule.
due() {
    pipeline
    sed "s|name = \"p\"|name = \"$1\", schedule = { cron = \"$2\", tz = \"${3:-UTC}\" }|" p.lua >"$1.lua"
    rm p.lua
}

@test "services and timers that systemd accepts, exposed at most 2.0" {
    command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
    due rates "17 */2 * * 1-5" Europe/Berlin
    due press "H * * * *"
    due odd "0 6 LW * *"
    mkdir -m 700 secrets
    (umask 077 && echo x >secrets/KEY)
    run "$MIZAN" export-units --to units
    fails_with 1 "odd: systemd has no words for '0 6 LW * *'"
    [ "$(cd units && echo *)" = "mizan-deliver.service mizan-deliver.timer mizan-press.service mizan-press.timer mizan-rates.service mizan-rates.timer mizan-serve.service mizan.crontab" ]
    grep -q "^LoadCredential=KEY:$WORK/secrets/KEY$" units/mizan-rates.service
    grep -q "^ExecStart=.*mizan run --quiet --tick $WORK/rates.lua$" units/mizan-rates.service
    grep -q "Europe/Berlin$" units/mizan-rates.timer
    [ "$(stat -c %a units/mizan-serve.service)" = 644 ]
    chmod 755 "$WORK"
    run systemd-analyze verify units/*.service units/*.timer
    [ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
    for unit in serve deliver rates; do
        line=$(systemd-analyze security --offline=true "units/mizan-$unit.service" 2>&1 | tail -n 1)
        score=$(sed 's/.*: \([0-9.]*\) .*/\1/' <<<"$line")
        awk "BEGIN { exit !($score <= 2.0) }" || { echo "$line"; return 1; }
    done
    run "$MIZAN" export-units --user data
    [[ "$output" == *"User=data"*"ReadWritePaths=$WORK"* && "$output" != *"DynamicUser"* ]]
    run "$MIZAN" export-units --user "a b"
    fails_with 64 "no name of a user"
}

@test "timers are due when the schedule is: systemd and next agree" {
    command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
    while IFS= read -r expression; do
        due x "$expression"
        rm -rf units
        "$MIZAN" export-units --to units >/dev/null 2>&1
        ours=$("$MIZAN" next x.lua --from 2025-01-01T00:00:00Z --count 12 --json |
            sed 's/.*"next"://' | grep -o '[0-9]*-[0-9]*-[0-9]*T[0-9:]*Z' | sort -u | head -n 12)
        theirs=$(sed -n 's/^OnCalendar=//p' units/mizan-x.timer | while IFS= read -r line; do
            TZ=UTC systemd-analyze calendar --base-time="2025-01-01 00:00:00 UTC" --iterations=14 "$line" |
                sed -n 's/.*: [A-Z][a-z][a-z] \([0-9-]*\) \([0-9:]*\) UTC$/\1T\2Z/p'
        done | sort -u | head -n 12)
        [ "$ours" = "$theirs" ] && [ "$(wc -l <<<"$ours")" -eq 12 ] || {
            echo "$expression"; cat units/mizan-x.timer
            diff <(echo "$ours") <(echo "$theirs")
            return 1
        }
    done <<'CRON'
17 */2 * * 1-5
*/7 3 * * *
0 0 1,15 * 1
30 2 29 2 *
5,35 8-18 * 3-5 *
0 12 * * 1#2
0 12 * * 5L
0 0 L * *
0 6 1-7 * +1
15 30 4 * * *
H H * * *
0 0 13 * 5,1#1
CRON
}

@test "crontab: as it stands where cron reads it alike, else asked at each hour" {
    due plain "17 */2 * * 1-5"
    due hashed "H 4 * * *"
    due nepal "0 9 * * *" Asia/Kathmandu
    due every "@every 90s"
    "$MIZAN" export-units 2>/dev/null | sed -n '/^### mizan.crontab/,$p' >crontab
    if [ ! -e /etc/localtime ] || [[ "$(readlink /etc/localtime)" == *UTC ]]; then
        grep -q "^17 \*/2 \* \* 1-5 cd '$WORK' && '.*mizan' run --quiet --tick '$WORK/plain.lua'$" crontab
        grep -q "^15 \* \* \* \* cd .*nepal.lua'$" crontab
    fi
    grep -Eq "^[0-9]+ \* \* \* \* cd .*hashed.lua'$" crontab
    grep -Eq "^\* \* \* \* \* cd .*every.lua'$" crontab
    grep -q "^\* \* \* \* \* cd '$WORK' && '.*mizan' deliver --quiet$" crontab
}
