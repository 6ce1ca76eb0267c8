#!/bin/sh
# Makes the reports of this folder anew from its HTML, with programs of Debian 12:
#     apt-get install chromium libreoffice-writer-nogui libreoffice-calc-nogui gnumeric \
#         weasyprint abiword fonts-noto-core fonts-dejavu-core
# They are kept in the tree, so that tests need none of these programs.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
office() { soffice -env:UserInstallation="file://$work/profile" --headless --convert-to "$1" --outdir "$work" "$2" >/dev/null 2>&1; }

chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
    --print-to-pdf=port-ar-chromium.pdf port-ar.html 2>/dev/null
# Writer: a text of its own, and PDF made of that.
office odt:writer8 port-ar.html && mv "$work/port-ar.odt" port-ar.odt
office 'docx:MS Word 2007 XML' port-ar.odt && mv "$work/port-ar.docx" port-ar.docx
office pdf port-ar.docx && mv "$work/port-ar.pdf" port-ar-writer.pdf
# Pages, running heads, hyphens; and fonts that name lines in place of letters.
weasyprint pages-en.html pages-en.pdf
weasyprint port-ar.html lines-ar.pdf
python3 make_scan.py >scan.pdf
# A table in a page, in a text and on a sheet, of Calc, Writer and Gnumeric.
calc() { soffice -env:UserInstallation="file://$work/profile" --headless "--infilter=HTML (StarCalc)" --convert-to "$1" --outdir "$work" trade-ar.html >/dev/null 2>&1; }
calc ods && mv "$work/trade-ar.ods" trade-ar.ods
calc xlsx && mv "$work/trade-ar.xlsx" trade-ar-calc.xlsx
ssconvert trade-ar.ods trade-ar-gnumeric.xlsx
office odt:writer8 trade-ar.html && mv "$work/trade-ar.odt" trade-ar.odt
office 'docx:MS Word 2007 XML' trade-ar.odt && mv "$work/trade-ar.docx" trade-ar.docx
/usr/bin/python3 make_dates.py
