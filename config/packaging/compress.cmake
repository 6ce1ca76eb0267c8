# Before a package is closed: its manual pages as Debian's rules want them.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/*.1)
foreach(page ${pages})
    if(page MATCHES "/share/man/man1/[^/]+[.]1$")
        execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
    endif()
endforeach()
