# Help, manual pages and completion, all from the one table of commands.
load common
setup() { work_setup; project; }
teardown() { work_teardown; }

# completed WORD…: what bash offers behind these words, the last one being typed.
completed() {
    bash --norc -c '
        source "$1"; shift
        COMP_WORDS=(mizan "$@"); COMP_CWORD=$#; COMPREPLY=()
        _mizan
        printf "%s\n" "${COMPREPLY[@]}"' _ "$WORK/mizan.bash" "$@"
}

@test "bash completes commands, options, verbs, pipeline files and pipelines" {
    "$MIZAN" completion bash >mizan.bash
    mkdir pipelines in
    touch press.lua press_test.lua notes.txt pipelines/rates.lua
    [ "$(completed desc)" = describe ]
    [ "$(completed run --li)" = --limit ]
    [ "$(completed dead re)" = replay ]
    [ "$(completed run pr | sort | tr '\n' ' ')" = "press.lua press_test.lua " ]
    [ "$(completed check pipelines/r)" = pipelines/rates.lua ]
    [ "$(completed runs pr)" = press ]
    [ "$(completed dead list ra)" = rates ]
    [ "$(completed help del)" = deliver ]
    [ "$(completed figures no)" = notes.txt ]
    [ "$(completed query --db sqlite 2>/dev/null)" = "" ]
    [ "$(completed runs --limit "")" = "" ]
    [ "$(completed nonsense x)" = "" ]
    # Every command and every option of the table.
    for word in $("$MIZAN" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
        case $word in project | database | environment | secrets | status | failures) continue ;; esac
        completed "$word" | grep -qx "$word" || { echo "no $word"; return 1; }
    done
}

@test "zsh and fish read theirs, where they are" {
    "$MIZAN" completion zsh >_mizan
    "$MIZAN" completion fish >mizan.fish
    [ -s _mizan ] && [ -s mizan.fish ]
    if command -v zsh >/dev/null; then
        zsh -n _mizan
    fi
    if command -v fish >/dev/null; then
        export HOME="$WORK" XDG_CONFIG_HOME="$WORK/config"
        [ "$(fish -c 'source mizan.fish; complete -C "mizan descr"' | cut -f 1)" = describe ]
        fish -c 'source mizan.fish; complete -C "mizan run --lim"' | cut -f 1 | grep -qx -- --limit
        [ "$(fish -c 'source mizan.fish; complete -C "mizan dead rep"' | cut -f 1)" = replay ]
    fi
    run "$MIZAN" completion bsh
    fails_with 64 "did you mean 'bash'"
}

@test "manual pages: one for each command, without a warning of man" {
    pages="$BUILD/manual/man1"
    commands=$("$MIZAN" help --man | grep -o '^.BR mizan[^ ]*' | sort -u | wc -l)
    [ "$(find "$pages" -name '*.1' | wc -l)" -eq $((commands + 1)) ]
    if ! command -v man >/dev/null || ! command -v groff >/dev/null; then
        skip "there is no man"
    fi
    for page in "$pages"/*.1; do
        warnings=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$warnings" ] || { echo "$page: $warnings"; return 1; }
    done
    text=$(LC_ALL=C.UTF-8 MANWIDTH=80 man -l "$pages/mizan-next.1" | col -b)
    [[ "$text" == *"mizan next '30 2 * * *' --tz Europe/Berlin"* ]] || { echo "$text"; return 1; }
    [[ "$text" == *"--count N"* ]]
    text=$(LC_ALL=C.UTF-8 MANWIDTH=80 man -l "$pages/mizan.1" | col -b)
    [[ "$text" == *"EXIT STATUS"*"75"* && "$text" == *"MIZAN_PLUGIN_PATH"* ]]
}

@test "topics, and the nearest name of what there is not" {
    run "$MIZAN" help secrets
    [ "$status" -eq 0 ]
    [[ "$output" == *"MIZAN_SECRET_NAME"* ]]
    run "$MIZAN" help
    [[ "$output" == *"Topics"*"environment"* ]]
    run "$MIZAN" help secretz
    fails_with 64 "did you mean 'mizan help secrets'"
    run "$MIZAN" help --man nothing
    fails_with 64 "no command or topic"
}
