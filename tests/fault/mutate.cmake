# cmake -DINPUT=file -DOUTPUT=file -DOLD=text -DNEW=text -P mutate.cmake: a copy of a source
# with one change; no change is an error, so that a mutant cannot silently be the original.
file(READ ${INPUT} text)
string(REPLACE "${OLD}" "${NEW}" changed "${text}")
if(changed STREQUAL text)
    message(FATAL_ERROR "the mutant's place is gone from ${INPUT}: ${OLD}")
endif()
file(WRITE ${OUTPUT} "${changed}")
