/* The keys of `alerts`, in a pipeline and in mizan.lua, and of `keep` and `deliver`. */
#ifndef MIZAN_LUA_ALERT_KEYS_H
#define MIZAN_LUA_ALERT_KEYS_H

#include "lua/keys.h"

#define MZ_ALERT_KEYS 5
extern const struct mz_key mz_alert_keys[MZ_ALERT_KEYS];
/* How long what runs leave behind is kept: by `mizan gc`. */
#define MZ_KEEP_KEYS 4
extern const struct mz_key mz_keep_keys[MZ_KEEP_KEYS];
/* Of mizan.lua: how `mizan deliver` sends. */
#define MZ_DELIVER_KEYS 3
extern const struct mz_key mz_deliver_keys[MZ_DELIVER_KEYS];

/* Checks the table; on failure `path` is where the key stands, as mz_keys_check. */
MZ_NODISCARD enum mz_code mz_alerts_check_keys(const struct mizan_value *alerts,
                                               char path[MZ_KEY_PATH],
                                               struct mz_error *error);

#endif
