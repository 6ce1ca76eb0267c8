/* `mizan series TOPIC`: the interval over time, one bar a row; an end that no text
 * gives is drawn open, never closed. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/opened.h"
#include "value/record.h"
#include "value/table.h"

#define LEAST_WIDTH 20
#define MOST_WIDTH  100
#define LABELS      46 /* columns for date, origin and numbers */

struct scale {
    double least, most;
    bool logarithmic;
    int width;
};

static bool number(const struct mizan_value *row, const char *name, double *out)
{
    const struct mizan_value *value = mz_map_member(row, name);
    if (value != NULL && value->type == MIZAN_DOUBLE) {
        *out = value->as.number;
        return true;
    }
    if (value != NULL && value->type == MIZAN_INTEGER) {
        *out = (double)value->as.integer;
        return true;
    }
    return false;
}

static int column(const struct scale *scale, double value)
{
    double least = scale->least, most = scale->most;
    if (scale->logarithmic) {
        least = log(least);
        most = log(most);
        value = log(value);
    }
    double share = most > least ? (value - least) / (most - least) : 0.5;
    return (int)lround(share * (scale->width - 1));
}

static struct scale make_scale(const struct mizan_value *rows)
{
    struct scale scale = {.least = INFINITY, .most = -INFINITY};
    struct winsize window;
    scale.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0
                      ? window.ws_col - LABELS
                      : 80 - LABELS;
    scale.width = scale.width < LEAST_WIDTH  ? LEAST_WIDTH
                  : scale.width > MOST_WIDTH ? MOST_WIDTH
                                             : scale.width;
    for (size_t i = 0; i < rows->as.list.count; i++) {
        static const char *const ends[] = {"low", "high"};
        for (size_t k = 0; k < 2; k++) {
            double value;
            if (number(&rows->as.list.items[i], ends[k], &value)) {
                scale.least = fmin(scale.least, value);
                scale.most = fmax(scale.most, value);
            }
        }
    }
    scale.logarithmic = scale.least > 0 && scale.most / scale.least > 50;
    if (!scale.logarithmic && scale.least > 0) {
        scale.least = 0;
    }
    return scale;
}

/* Short, and never more exact than what is stored: four digits. */
static void short_number(char *out, size_t size, bool known, double value)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    if (!known) {
        snprintf(out, size, "?");
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (fabs(value) >= units[i].unit * 10 ||
            (fabs(value) >= units[i].unit && i < 3)) {
            snprintf(out, size, "%.4g%s", value / units[i].unit, units[i].name);
            return;
        }
    }
    snprintf(out, size, "%.6g", value);
}

/* ├──┤ an interval, ● a point, ◀── and ──▶ an end that is not known. */
static void print_bar(const struct scale *scale, bool has_low, double low,
                      bool has_high, double high)
{
    bool crossed = has_low && has_high && low > high;
    int first = has_low ? column(scale, crossed ? high : low) : 0;
    int last = has_high ? column(scale, crossed ? low : high) : scale->width - 1;
    for (int i = 0; i < scale->width; i++) {
        const char *cell = " ";
        if (i == first && i == last) {
            cell = has_low && has_high ? "●" : has_low ? "▶" : "◀";
        } else if (i == first) {
            cell = has_low ? "├" : "◀";
        } else if (i == last) {
            cell = has_high ? "┤" : "▶";
        } else if (i > first && i < last) {
            cell = crossed ? "╳" : "─";
        }
        fputs(cell, stdout);
    }
    putchar('\n');
}

static void print_chart(const struct mizan_value *rows)
{
    struct scale scale = make_scale(rows);
    char least[32], most[32];
    const char *group = "";
    short_number(least, sizeof least, true, scale.least);
    short_number(most, sizeof most, true, scale.most);
    for (size_t i = 0; i < rows->as.list.count; i++) {
        const struct mizan_value *row = &rows->as.list.items[i];
        const char *topic = mz_row_text(row, "topic"), *unit = mz_row_text(row, "unit");
        double low = 0, high = 0;
        bool has_low = number(row, "low", &low), has_high = number(row, "high", &high);
        char from[32], to[32], amount[80];
        if (strcmp(group, topic) != 0) {
            printf("%s%s\n", i == 0 ? "" : "\n", topic);
            group = topic;
        }
        short_number(from, sizeof from, has_low, low);
        short_number(to, sizeof to, has_high, high);
        snprintf(amount, sizeof amount, "%s%s%s%s%s", from,
                 strcmp(from, to) == 0 ? "" : " to ", strcmp(from, to) == 0 ? "" : to,
                 unit == NULL ? "" : " ", unit == NULL ? "" : unit);
        printf("%.10s %-12.12s %-20.20s ", mz_row_text(row, "t"),
               mz_row_text(row, "origin"), amount);
        print_bar(&scale, has_low, low, has_high, high);
    }
    printf("%*s%s%*s%s\n", LABELS - 1, "", least,
           scale.width - (int)strlen(least) - (int)strlen(most), "", most);
    if (scale.logarithmic) {
        printf("%*s(each step multiplies)\n", LABELS - 1, "");
    }
}

int mz_command_series(const struct mz_arguments *arguments)
{
    struct mz_opened opened;
    struct mz_error error;
    struct mizan_field fields[3];
    size_t count = 0;
    struct mizan_value map = {.type = MIZAN_MAP}, rows;
    const struct mz_named_query *query = mz_named_query("series", NULL);
    const char *given[] = {mz_operand(arguments, 0), mz_argument(arguments, "origin"),
                           mz_argument(arguments, "limit")};
    static const char *const names[] = {"topic", "origin", "limit"};
    for (size_t i = 0; i < 3; i++) {
        if (given[i] != NULL) {
            fields[count].name = (struct mizan_slice){names[i], strlen(names[i])};
            fields[count++].value = mz_text(given[i]);
        }
    }
    map.as.map = (struct mizan_map){fields, count};
    enum mz_code code = mz_opened_open(&opened, arguments, MZ_DB_READ, &error);
    if (code == MZ_OK) {
        code = mz_db_named(opened.db, query, &map, opened.arena, &rows, &error);
    }
    if (code == MZ_INPUT) {
        error.code = code = MZ_USAGE;
    }
    bool chart = mz_argument(arguments, "chart") != NULL || isatty(STDOUT_FILENO) != 0;
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no figure of this topic; mizan query series lists all\n");
    } else if (code == MZ_OK && chart && mz_argument(arguments, "json") == NULL) {
        print_chart(&rows);
    } else if (code == MZ_OK) {
        code = mz_table_print(stdout, &rows,
                              mz_argument(arguments, "json") != NULL ? MZ_TABLE_JSON
                                                                     : MZ_TABLE_AUTO,
                              0, &error);
    }
    int status = code == MZ_OK ? 0 : mz_command_fail(&error);
    mz_opened_close(&opened);
    return status;
}
