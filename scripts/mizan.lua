-- The project of the example pipelines: relative paths and `require` start here.
return {
  -- What extract.exec may start: html_tables.lua reads tables with a script in Python.
  programs = { "/usr/bin/python3" },
}
