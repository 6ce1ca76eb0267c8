/* Cron expressions as systemd writes times (systemd.time(7), OnCalendar=). */
#ifndef MIZAN_CLI_CALENDAR_H
#define MIZAN_CLI_CALENDAR_H

#include "base/buffer.h"
#include "cron/cron.h"

/* Adds a line "OnCalendar=…" for each way to match; false, with nothing added, for what
 * systemd has no word for: nW, LW and @every. `zone` is the name of the time zone. */
bool mz_calendar_lines(struct mz_buffer *out, const struct mz_cron *cron,
                       const char *zone);

#endif
