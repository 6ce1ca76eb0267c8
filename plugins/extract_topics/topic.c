/* The topic of a figure: words near it, weighed by how near they stand. */
#include <stdlib.h>
#include <string.h>

#include "topics.h"

#define HALF_WAY 40   /* so far away a word counts half */
#define BEHIND   60   /* a sentence before the figure's is so much farther */
#define CLAUSE   60   /* a stranger nearer than this is in the figure's clause */
#define COUNTED  1.2  /* more than any word beside the figure can reach */
#define LEAST    0.25 /* of the best topic */
#define MARGIN   0.03 /* over the second */

struct score {
    double best, rest;
    bool is_set, solid, hinted, clear;
};

/* One figure being judged. */
struct judgement {
    struct document *document;
    const struct figure *figure;
    const struct language *language;
    struct score *scores; /* by topic */
    bool *possible;       /* by topic */
    bool failed;          /* memory was refused */
};

static double nearness(int32_t far)
{
    return (double)HALF_WAY / (HALF_WAY + (double)far);
}

/* ---- places of cues ---- */

struct place {
    size_t first, last;
    const struct cue *cue;
};

/* All cues of the language in the text; where two overlap, the longer stands. The
 * caller frees. */
static struct place *cues_in(struct judgement *judgement, struct mizan_slice text,
                             size_t *count)
{
    const struct language *language = judgement->language;
    struct place *places = NULL;
    size_t room = 0, found = 0;
    for (size_t i = 0; i < language->cue_count; i++) {
        const struct cue *cue = &language->cues[i];
        for (size_t at = find_word(text, &cue->word, 0); at != NONE;
             at = find_word(text, &cue->word, at + 1)) {
            if (found == room) {
                room = room == 0 ? 32 : 2 * room;
                struct place *more = realloc(places, room * sizeof *places);
                if (more == NULL) {
                    judgement->failed = true;
                    *count = 0;
                    free(places);
                    return NULL;
                }
                places = more;
            }
            places[found++] = (struct place){at, at + cue->word.text.size, cue};
        }
    }
    bool *covered = calloc(found + 1, sizeof *covered);
    size_t kept = 0;
    judgement->failed = judgement->failed || covered == NULL;
    for (size_t i = 0; i < found && covered != NULL; i++) {
        for (size_t k = 0; k < found && !covered[i]; k++) {
            covered[i] =
                places[k].last - places[k].first > places[i].last - places[i].first &&
                places[k].first < places[i].last && places[k].last > places[i].first;
        }
    }
    for (size_t i = 0; i < found && covered != NULL; i++) {
        if (!covered[i]) {
            places[kept++] = places[i];
        }
    }
    free(covered);
    *count = kept;
    return places;
}

static void add_score(struct score *sum, const struct cue *cue, double score,
                      bool borders)
{
    if (score > sum->best) {
        sum->rest += sum->best;
        sum->best = score;
    } else {
        sum->rest += score;
    }
    sum->is_set = true;
    sum->solid = sum->solid || cue->role != ROLE_HINT;
    sum->hinted = sum->hinted || cue->role == ROLE_HINT;
    sum->clear = sum->clear || (cue->role != ROLE_HINT && !borders);
}

enum side { SIDE_BEFORE, SIDE_AFTER, SIDE_CONTEXT };

static void score_side(struct judgement *judgement, enum side side)
{
    const struct figure *figure = judgement->figure;
    struct mizan_slice text = side == SIDE_BEFORE  ? figure->before
                              : side == SIDE_AFTER ? figure->after
                                                   : figure->context;
    double factor = side == SIDE_AFTER ? judgement->language->following : 1;
    size_t count;
    struct place *places = cues_in(judgement, text, &count);
    for (size_t i = 0; i < count; i++) {
        const struct cue *cue = places[i].cue;
        bool borders, more;
        if (!judgement->possible[cue->topic]) {
            continue;
        }
        struct mizan_slice between = side == SIDE_AFTER
                                         ? part_of(text, 0, places[i].first)
                                         : part_of(text, places[i].last, text.size);
        int32_t far = distance(between, judgement->language, &borders);
        if (side == SIDE_CONTEXT) {
            far += BEHIND + distance(figure->before, judgement->language, &more);
            borders = true;
        }
        double score = cue->weight * factor * nearness(far);
        add_score(&judgement->scores[cue->topic], cue,
                  cue->role == ROLE_COUNTED ? score * 0.9 : score, borders);
    }
    free(places);
}

/* What the counted noun itself says. */
static void score_counted(struct judgement *judgement)
{
    size_t count;
    struct place *places = cues_in(judgement, judgement->figure->counted, &count);
    for (size_t i = 0; i < count; i++) {
        const struct cue *cue = places[i].cue;
        struct score *sum = &judgement->scores[cue->topic];
        if (cue->role != ROLE_HINT && judgement->possible[cue->topic]) {
            double strength = cue->role == ROLE_COUNTED ? COUNTED : COUNTED - 0.1;
            sum->best = strength > sum->best ? strength : sum->best;
            sum->is_set = sum->solid = sum->clear = true;
        }
    }
    free(places);
}

/* ---- which topics are possible ---- */

/* True if the last opening bracket before the figure is still open. */
static bool in_brackets(struct mizan_slice before)
{
    static const struct mizan_slice open = {"（", 3}, close = {"）", 3};
    for (size_t at = before.size; at-- > 0;) {
        if (before.data[at] == ')' || same_text(part_of(before, at, at + 3), close)) {
            return false;
        }
        if (before.data[at] == '(' || same_text(part_of(before, at, at + 3), open)) {
            return true;
        }
    }
    return false;
}

/* A conversion is the outlet's arithmetic, not what the source said. Money topics take
 * any other currency, since a misprinted one has to be found too. */
static bool is_conversion(const struct topic *topic, const struct figure *figure)
{
    return text_is(figure->kind, "money") &&
           (figure->has_same_as ||
            (figure->unit.size > 0 && topic->unit.size > 0 &&
             !same_text(figure->unit, topic->unit) && in_brackets(figure->before)));
}

static bool kind_fits(const struct topic *topic, const struct figure *figure)
{
    if (!same_text(topic->kind, figure->kind) || is_conversion(topic, figure)) {
        return false;
    }
    if (figure->per.size > 0 && !text_is(topic->measure, "rate")) {
        return false;
    }
    if (text_is(figure->change, "up_by") || text_is(figure->change, "down_by")) {
        return false;
    }
    return !(text_is(topic->stage, "delivered") &&
             (text_is(figure->hedge, "planned") || text_is(figure->hedge, "possible")));
}

static int32_t gap_of(const struct data *data, const int32_t *gaps,
                      struct mizan_slice id)
{
    size_t entity = id.size == 0 ? NONE : find_entity(data, id);
    return entity == NONE ? FAR : gaps[entity];
}

/* A topic between two parties is refused where the document does not name both, where
 * another giver stands nearer to the figure than its own, and where a stranger stands
 * near it in a sentence that names neither party. */
static bool parties_fit(const struct document *document, const struct topic *topic,
                        const int32_t *gaps)
{
    const struct data *data = document->data;
    for (size_t i = 0; i < topic->mentions_count; i++) {
        if (!document->named[find_entity(data, topic->mentions[i])]) {
            return false;
        }
    }
    int32_t from = gap_of(data, gaps, topic->from), to = gap_of(data, gaps, topic->to);
    int32_t own = from < to ? from : to;
    for (size_t i = 0; i < topic->others_count; i++) {
        if (gap_of(data, gaps, topic->others[i]) < own) {
            return false;
        }
    }
    for (size_t i = 0; i < topic->strangers_count; i++) {
        if (own == FAR && gap_of(data, gaps, topic->strangers[i]) < CLAUSE) {
            return false;
        }
    }
    return true;
}

/* ---- which stay ---- */

static bool nouns_stand(struct judgement *judgement, struct mizan_slice id)
{
    struct document *document = judgement->document;
    size_t topic = find_topic(document->data, id);
    struct words words;
    return topic != NONE &&
           words_for(&document->pool, &document->data->topics[topic].counted,
                     judgement->figure->lang, &words) &&
           has_any(judgement->figure->sentence, &words);
}

/* True if the sentence names an anchor entity or one of its nouns, or quotes an origin.
 */
static bool is_anchored(struct judgement *judgement, const struct topic *topic)
{
    struct document *document = judgement->document;
    const struct figure *figure = judgement->figure;
    bool *named = pool_alloc(&document->pool, document->data->entity_count + 1);
    if (named == NULL || !name_entities(document->data, figure->sentence, named)) {
        judgement->failed = true;
        return false;
    }
    for (size_t i = 0; i < topic->anchor_entities_count; i++) {
        size_t entity = find_entity(document->data, topic->anchor_entities[i]);
        if (entity != NONE && named[entity]) {
            return true;
        }
    }
    for (size_t i = 0; i < topic->anchor_nouns_count; i++) {
        if (nouns_stand(judgement, topic->anchor_nouns[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < figure->speaker_count; i++) {
        if (entity_of_name(document, figure->speakers[i], NULL, figure->lang) != NONE) {
            return true;
        }
    }
    return generic_in(document, figure->sentence, topic->origins, topic->origins_count,
                      figure->lang) != NONE;
}

/* A topic that says what became of the counted (killed) beats the one that only counts
 * them (soldiers) where its word stands in the same clause. */
static void drop_beaten(struct judgement *judgement)
{
    const struct data *data = judgement->document->data;
    bool *beaten = pool_alloc(&judgement->document->pool, data->topic_count + 1);
    for (size_t i = 0; i < data->topic_count && beaten != NULL; i++) {
        const struct score *score = &judgement->scores[i];
        for (size_t k = 0;
             score->is_set && score->clear && k < data->topics[i].beats_count; k++) {
            beaten[find_topic(data, data->topics[i].beats[k])] = true;
        }
    }
    for (size_t i = 0; i < data->topic_count && beaten != NULL; i++) {
        judgement->scores[i].is_set = judgement->scores[i].is_set && !beaten[i];
    }
    judgement->failed = judgement->failed || beaten == NULL;
}

/* Words that rule a topic out stand in the counted noun or close to the figure; it may
 * ask for a supporting word, and for an anchor in the sentence. */
static void drop_unfit(struct judgement *judgement, struct mizan_slice clause)
{
    const struct data *data = judgement->document->data;
    for (size_t i = 0; i < data->topic_count; i++) {
        const struct words *exclude = &judgement->language->exclude[i];
        if (judgement->scores[i].is_set &&
            (has_any(clause, exclude) ||
             has_any(judgement->figure->counted, exclude))) {
            judgement->scores[i].is_set = false;
        }
    }
    drop_beaten(judgement);
    for (size_t i = 0; i < data->topic_count; i++) {
        struct score *score = &judgement->scores[i];
        const struct topic *topic = &data->topics[i];
        if (score->is_set && ((topic->needs_hint && !score->hinted) ||
                              (topic->has_anchor && !is_anchored(judgement, topic)))) {
            score->is_set = false;
        }
    }
}

/* The best topic by score, if it is clear and near enough. */
static size_t best_of(const struct judgement *judgement)
{
    size_t best = NONE;
    double highest = 0, second = 0;
    for (size_t i = 0; i < judgement->document->data->topic_count; i++) {
        const struct score *score = &judgement->scores[i];
        if (!score->is_set || !score->solid) {
            continue;
        }
        double sum = score->best + 0.1 * (score->rest < 1 ? score->rest : 1);
        if (sum > highest) {
            second = highest;
            highest = sum;
            best = i;
        } else if (sum > second) {
            second = sum;
        }
    }
    return highest >= LEAST && highest - second >= MARGIN ? best : NONE;
}

static bool any_score(const struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->document->data->topic_count; i++) {
        if (judgement->scores[i].is_set) {
            return true;
        }
    }
    return false;
}

size_t topic_of(struct document *document, const struct figure *figure)
{
    struct data *data = document->data;
    struct judgement judgement = {.document = document, .figure = figure};
    int32_t *gaps =
        pool_alloc(&document->pool, (data->entity_count + 1) * sizeof *gaps);
    judgement.language = data_language(data, figure->lang);
    judgement.scores =
        pool_alloc(&document->pool, data->topic_count * sizeof *judgement.scores);
    judgement.possible = pool_alloc(&document->pool, data->topic_count);
    if (gaps == NULL || judgement.language == NULL || judgement.scores == NULL ||
        judgement.possible == NULL ||
        !entity_gaps(data, figure, judgement.language, gaps)) {
        return NONE;
    }
    for (size_t i = 0; i < data->topic_count; i++) {
        judgement.possible[i] = kind_fits(&data->topics[i], figure) &&
                                parties_fit(document, &data->topics[i], gaps);
    }
    score_side(&judgement, SIDE_BEFORE);
    score_side(&judgement, SIDE_AFTER);
    score_counted(&judgement);
    if (!any_score(&judgement)) {
        score_side(&judgement, SIDE_CONTEXT);
    }
    drop_unfit(&judgement,
               clause_around(&document->pool, figure, &judgement.language->breaks));
    return judgement.failed ? NONE : best_of(&judgement);
}
