# mizan_add_plugin(KIND_NAME SOURCES file… [LIBRARIES target…] [TARGET name]): a plugin of
# Mizan. The target (KIND_NAME, if no other is named) makes KIND_NAME.so, which exports
# nothing but its descriptor.
function(mizan_add_plugin name)
    cmake_parse_arguments(PLUGIN "" "TARGET" "SOURCES;LIBRARIES" ${ARGN})
    set(target ${name})
    if(PLUGIN_TARGET)
        set(target ${PLUGIN_TARGET})
    endif()
    if(NOT name MATCHES "^(fetch|extract|store)_[a-z][a-z0-9_]*$")
        message(FATAL_ERROR "${name}: a plugin is named fetch_NAME, extract_NAME or "
            "store_NAME, with NAME of the letters a-z, digits and _")
    endif()
    if(PLUGIN_UNPARSED_ARGUMENTS OR NOT PLUGIN_SOURCES)
        message(FATAL_ERROR "mizan_add_plugin(${name} SOURCES file… [LIBRARIES target…])")
    endif()
    add_library(${target} MODULE ${PLUGIN_SOURCES})
    target_link_libraries(${target} PRIVATE Mizan::plugin ${PLUGIN_LIBRARIES})
    set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX ".so"
        C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
    if(NOT DEFINED CMAKE_C_STANDARD)
        set_target_properties(${target} PROPERTIES C_STANDARD 11)
    endif()
    # A plugin that others may write to is refused, whatever the umask of the build was.
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND chmod go-w $<TARGET_FILE:${target}> $<TARGET_FILE_DIR:${target}>)
endfunction()
