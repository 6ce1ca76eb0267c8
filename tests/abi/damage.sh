#!/bin/sh
# damage.sh GOOD.so FOLDER: files in FOLDER that are no whole shared object of this
# machine, made from a good one.
set -eu
good=$1
folder=$2
mkdir -p "$folder"

# Cut in the middle: the headers at its start are whole and speak of what is missing.
size=$(wc -c <"$good")
head -c $((size / 2)) "$good" >"$folder/extract_truncated.so"

# e_machine, two bytes at offset 18: 0xBEEF is no machine.
{
    head -c 18 "$good"
    printf '\276\357'
    tail -c +21 "$good"
} >"$folder/extract_machine.so"

printf 'This is a text, not a shared object. It is longer than an ELF header, %s\n' \
    'so that what it is missing is the magic at its start.' >"$folder/extract_text.so"
: >"$folder/extract_empty.so"
