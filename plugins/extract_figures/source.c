#include "speaker.h"

#include <string.h>

/* Who says it: speakers of the sentence, in the order from the reader to the origin. */

static bool is_filler(const struct reader *reader, const struct speaker *speaker);

/* Words that are no speaker: `نتائجها` (its results), `فضلا عن صواريخ`. */
static bool is_no_speaker(const struct reader *reader, const struct speaker *speaker,
                          bool relay)
{
    if (!knows_definite(reader) || speaker->first < 0 ||
        speaker->end == speaker->first ||
        role_of(reader, speaker->first, speaker->end) != FIGURES_NO_ROLE ||
        is_definite(reader, speaker->first) ||
        reader->tokens[speaker->first].kind != TOKEN_WORD) {
        return false;
    }
    return has_owner(reader, speaker->first) || relay;
}

/* `موقع «إن كيه نيوز»` is called what stands between the quotation marks. */
static void strip_quotes(const struct reader *reader, struct speaker *speaker)
{
    for (int at = speaker->first; at < speaker->end; at++) {
        if (quoted_end(reader, at) == speaker->end && speaker->end - at > 2) {
            speaker->first = at + 1;
            speaker->end--;
            return;
        }
        if (!is_who(reader, at)) {
            return;
        }
    }
}

/* 新华社援引…, `Reuters dẫn lời …`: the outlet before a relaying verb */
static void add_relaying(struct reader *reader, int verb,
                         const struct lexicon_sense *sense)
{
    struct speaker teller = {0};
    if (reader->speaker_count == SPEAKERS || !find_before(reader, verb, &teller)) {
        return;
    }
    teller.role = role_of(reader, teller.first, teller.end);
    bool aside = token_is_sign(reader, verb - 1, ','); /* `The agency, citing` */
    if (teller.role != FIGURES_OUTLET && teller.role != FIGURES_AGENCY &&
        !(aside && teller.role == FIGURES_ORIGIN)) {
        return;
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *known = &reader->speakers[i];
        if (known->end > known->first && known->first == teller.first) {
            return;
        }
    }
    teller.verb_first = verb;
    teller.verb_end = verb + 1;
    teller.stance = (figures_stance)sense->value;
    reader->speakers[reader->speaker_count++] = teller;
}

/* The outlet that the speaker told it: `told Al Jazeera`, `sagte der Zeitung`. */
static void add_medium(struct reader *reader, int verb, const struct speaker *speaker)
{
    int from = speaker->end > verb ? speaker->end : verb + 1;
    for (int at = from; at < from + 4 && at < reader->token_count; at++) {
        const struct lexicon_sense *who = token_sense(reader, at, ROLE_WHO);
        bool medium =
            who && (who->value == FIGURES_OUTLET || who->value == FIGURES_AGENCY);
        if (medium && reader->speaker_count < SPEAKERS) {
            struct speaker told = {
                .first = at, .verb_first = verb, .verb_end = verb + 1};
            told.end = name_end(reader, at);
            told.role = (figures_role)who->value;
            told.end = told.end > at ? told.end : at + 1;
            reader->speakers[reader->speaker_count++] = told;
            return;
        }
        bool small = token_has(reader, at, ROLE_ARTICLE) ||
                     token_has(reader, at, ROLE_CHANGE) ||
                     reader->tokens[at].kind == TOKEN_PREFIX ||
                     (token_has(reader, at, ROLE_STOP) && at == from);
        if (!small) {
            return;
        }
    }
}

/* True if the words are what a figure counts. */
static bool is_counted(const struct reader *reader, const struct speaker *speaker)
{
    for (int i = 0; i < reader->quantity_count; i++) {
        const struct quantity *quantity = &reader->quantities[i];
        if (!quantity->dead && quantity->noun_first < speaker->end &&
            quantity->noun_end > speaker->first) {
            return true;
        }
    }
    return false;
}

/* What a reporting word is: its attributes by name. */
struct report {
    bool after, both, frame, relay;
};

static struct report report_of(const struct lexicon_sense *sense)
{
    unsigned attributes = sense->attributes;
    struct report report = {.after = (attributes & ATTR_AFTER) != 0,
                            .frame = (attributes & ATTR_FRAME) != 0,
                            .relay = (attributes & ATTR_RELAY) != 0};
    report.both = report.after && (attributes & ATTR_BEFORE) != 0;
    return report;
}

/* Verb-final languages: what stands before the verb is often its object. False if the
 * verb has no speaker at all. */
static bool find_far(const struct reader *reader, int verb, struct speaker *speaker,
                     bool *found)
{
    bool role =
        *found && role_of(reader, speaker->first, speaker->end) != FIGURES_NO_ROLE;
    struct speaker topic = *speaker;
    if (role && !is_filler(reader, speaker)) {
        return true;
    }
    if (find_topic(reader, verb, &topic) || find_subject(reader, verb, &topic)) {
        *speaker = topic;
        *found = true;
        return true;
    }
    return role;
}

/* Finds the speaker of the reporting word; its first and end are the verb where it is
 * the speaker of the sentence before. False if the word reports nothing. */
static bool find_speaker(struct reader *reader, int verb, struct report report,
                         struct speaker *speaker)
{
    bool verbal = !report.frame && !report.relay;
    bool found = report.both    ? find_either(reader, verb, speaker)
                 : report.after ? find_after(reader, verb, speaker)
                                : find_before(reader, verb, speaker);
    if (!report.after && !report.frame &&
        (reader->language->flags & LANGUAGE_NOUN_BEFORE) &&
        !find_far(reader, verb, speaker, &found)) {
        return false;
    }
    if (report.after && !found && knows_definite(reader) && !report.frame &&
        token_has(reader, verb - 1, ROLE_STOP)) {
        /* وكانت المؤسسة قد قدرت: the speaker between the two verbs */
        found = find_before(reader, verb, speaker) &&
                role_of(reader, speaker->first, speaker->end) != FIGURES_NO_ROLE;
    }
    if (found && !report.after && is_counted(reader, speaker)) {
        found = false; /* `12 tanks said` is no clause */
    }
    if (!found && verbal && (report.both || !report.after)) {
        found = find_common(reader, verb, speaker);
        speaker->common = found;
        found = found || find_opening(reader, verb, speaker);
    }
    if (!found) {
        speaker->first = verb;
        speaker->end = verb;
    }
    return (found || !report.frame) &&
           !(found && is_no_speaker(reader, speaker, report.relay));
}

static void add_speaker(struct reader *reader, int verb,
                        const struct lexicon_sense *sense)
{
    struct speaker speaker = {0};
    struct report report = report_of(sense);
    if (reader->speaker_count == SPEAKERS ||
        !find_speaker(reader, verb, report, &speaker)) {
        return;
    }
    speaker.verb_first = verb;
    speaker.verb_end = verb + 1;
    speaker.stance = (figures_stance)sense->value;
    speaker.relay = report.relay;
    speaker.frame = report.frame;
    strip_quotes(reader, &speaker);
    cut_ending(reader, &speaker);
    cut_medium(reader, &speaker);
    speaker.role = role_of(reader, speaker.first, speaker.end);
    if (speaker.role != FIGURES_NO_ROLE && speaker.end <= verb) {
        name_in_apposition(reader, &speaker);
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *known = &reader->speakers[i];
        if (speaker.end > speaker.first && known->first == speaker.first) {
            return;
        }
    }
    reader->speakers[reader->speaker_count++] = speaker;
    if (speaker.relay && report.after) {
        add_relaying(reader, verb, sense);
    } else if (!report.frame && !report.relay && speaker.end > speaker.first) {
        add_medium(reader, verb, &speaker);
    }
}

/* Speakers nearer to the reader come first: outlets before those they relay. */
static int rank(const struct speaker *speaker)
{
    static const int ranks[] = {
        [FIGURES_NO_ROLE] = 3,      [FIGURES_OUTLET] = 0, [FIGURES_AGENCY] = 1,
        [FIGURES_SPOKESPERSON] = 2, [FIGURES_AUTHOR] = 2, [FIGURES_ORIGIN] = 4};
    return ranks[speaker->role] + (speaker->relay ? 10 : 0);
}

static void sort_speakers(struct reader *reader)
{
    for (int i = 1; i < reader->speaker_count; i++) {
        struct speaker speaker = reader->speakers[i];
        int k = i;
        while (k > 0 && rank(&reader->speakers[k - 1]) > rank(&speaker)) {
            reader->speakers[k] = reader->speakers[k - 1];
            k--;
        }
        reader->speakers[k] = speaker;
    }
}

/* `a study` says less than the name of whoever made it: dropped beside a real name. */
static bool is_filler(const struct reader *reader, const struct speaker *speaker)
{
    bool filler = speaker->end > speaker->first && !speaker->common;
    for (int i = speaker->first; i < speaker->end && filler; i++) {
        const struct lexicon_sense *who = token_sense(reader, i, ROLE_WHO);
        filler = (who && (who->attributes & ATTR_WEAK)) ||
                 (!who && !is_capital(reader, i) && has_case(reader)) ||
                 (!who && speaker->end == speaker->first + 1 && is_definite(reader, i));
    }
    return filler;
}

static void drop_fillers(struct reader *reader)
{
    bool named = false;
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        named = named || (speaker->end > speaker->first && !is_filler(reader, speaker));
    }
    int kept = 0;
    for (int i = 0; i < reader->speaker_count; i++) {
        if (!named || !is_filler(reader, &reader->speakers[i])) {
            reader->speakers[kept++] = reader->speakers[i];
        }
    }
    reader->speaker_count = kept;
}

/* A disclaimer of the whole document; chain.c finds the hedges of single figures. */
static void read_disclaimer(struct reader *reader)
{
    for (int k = 0; k < reader->active_count; k++) {
        int i = reader->active[k];
        const struct lexicon_sense *hedge = token_sense(reader, i, ROLE_HEDGE);
        if (hedge && (hedge->attributes & ATTR_DOCUMENT)) {
            reader->document_hedge = (figures_hedge)hedge->value;
        }
    }
}

void read_speakers(struct reader *reader)
{
    reader->speaker_count = 0;
    const uint64_t needed = ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_HEDGE);
    if (!(reader->sentence_roles & needed)) {
        return;
    }
    for (int k = 0; k < reader->active_count; k++) {
        int i = reader->active[k];
        const struct lexicon_sense *sense = token_sense(reader, i, ROLE_SOURCE);
        if (sense && !(reader->tokens[i].flags & TOKEN_DEAD)) {
            add_speaker(reader, i, sense);
        }
    }
    drop_fillers(reader);
    sort_speakers(reader);
    read_disclaimer(reader);
}
