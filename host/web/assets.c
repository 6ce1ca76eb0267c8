#include "web/server.h"

#include <string.h>

/* The files of the folder `assets`, plain and compressed, with the digest that the
 * build took of them as their tag. */
#define DECLARE(symbol)                                                                \
    extern const unsigned char mz_asset_##symbol[];                                    \
    extern const size_t mz_asset_##symbol##_size;                                      \
    extern const unsigned char mz_asset_##symbol##_gz[];                               \
    extern const size_t mz_asset_##symbol##_gz_size;

#define ASSET(name, type, symbol)                                                      \
    {                                                                                  \
        name, type, "\"" MZ_ASSET_TAG_##symbol "\"", mz_asset_##symbol,                \
            mz_asset_##symbol##_gz, &mz_asset_##symbol##_size,                         \
            &mz_asset_##symbol##_gz_size                                               \
    }

DECLARE(pico)
DECLARE(uplot)
DECLARE(uplot_style)
DECLARE(script)
DECLARE(style)
DECLARE(icon)

static const struct mz_web_asset assets[] = {
    ASSET("pico.css", "text/css", pico),
    ASSET("uplot.js", "text/javascript", uplot),
    ASSET("uplot.css", "text/css", uplot_style),
    ASSET("mizan.js", "text/javascript", script),
    ASSET("mizan.css", "text/css", style),
    ASSET("mizan.svg", "image/svg+xml", icon),
};

const struct mz_web_asset *mz_web_asset(const char *name)
{
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        if (strcmp(assets[i].name, name) == 0) {
            return &assets[i];
        }
    }
    return NULL;
}
