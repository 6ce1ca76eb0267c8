-- A pipeline with the plugin of this folder:
--   MIZAN_PLUGIN_PATH=build mizan check example.lua
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

return mizan.pipeline {
  name   = "template_example",
  stages = {
    fetch.template { url = "https://example.org/" },
    extract.article {},
    extract.figures {},
    store.figures {},
  },
}
