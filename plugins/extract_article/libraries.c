#include "libraries.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Written once, under the once below, and only read afterwards. */
static struct xml_library xml;
static struct charset_library charset;
static struct compose_library compose;
static bool xml_loaded, charset_loaded, compose_loaded;
static pthread_once_t xml_once = PTHREAD_ONCE_INIT;
static pthread_once_t charset_once = PTHREAD_ONCE_INIT;
static pthread_once_t compose_once = PTHREAD_ONCE_INIT;

struct symbol {
    const char *name;
    void *place; /* of a function pointer */
};

static bool load(const char *file, const struct symbol *symbols, size_t count)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library != NULL && i < count; i++) {
        void *found = dlsym(library, symbols[i].name);
        if (found == NULL) {
            return false;
        }
        /* POSIX promises that a function pointer fits; ISO C has no cast for it. */
        memcpy(symbols[i].place, &found, sizeof found);
    }
    return library != NULL;
}

static void load_xml(void)
{
    const struct symbol symbols[] = {
        {"xmlInitParser", &xml.init_parser},
        {"htmlCreateMemoryParserCtxt", &xml.create_context},
        {"htmlCtxtUseOptions", &xml.use_options},
        {"xmlSwitchEncoding", &xml.switch_encoding},
        {"htmlParseDocument", &xml.parse_document},
        {"htmlFreeParserCtxt", &xml.free_context},
        {"xmlStopParser", &xml.stop},
    };
    xml_loaded = load("libxml2.so.2", symbols, sizeof symbols / sizeof symbols[0]);
    if (xml_loaded) {
        xml.init_parser();
    }
}

static void load_charset(void)
{
    const struct symbol symbols[] = {
        {"uchardet_new", &charset.create},
        {"uchardet_handle_data", &charset.handle_data},
        {"uchardet_data_end", &charset.data_end},
        {"uchardet_get_charset", &charset.charset},
        {"uchardet_delete", &charset.destroy},
    };
    charset_loaded =
        load("libuchardet.so.0", symbols, sizeof symbols / sizeof symbols[0]);
}

static void load_compose(void)
{
    const struct symbol symbols[] = {{"utf8proc_map", &compose.map}};
    compose_loaded = load("libutf8proc.so.2", symbols, 1);
}

const struct compose_library *compose_library(void)
{
    pthread_once(&compose_once, load_compose);
    return compose_loaded ? &compose : NULL;
}

const struct xml_library *xml_library(void)
{
    pthread_once(&xml_once, load_xml);
    return xml_loaded ? &xml : NULL;
}

const struct charset_library *charset_library(void)
{
    pthread_once(&charset_once, load_charset);
    return charset_loaded ? &charset : NULL;
}
