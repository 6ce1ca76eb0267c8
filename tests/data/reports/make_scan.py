#!/usr/bin/env python3
"""Writes a PDF of one page that is a picture and nothing else, as a scanner makes it."""
import sys
import zlib

picture = zlib.compress(bytes(200 * 100))
page = b"q 200 0 0 100 0 0 cm /I Do Q"
objects = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R"
    b" /Resources << /XObject << /I 5 0 R >> >> >>",
    b"<< /Length %d >> stream\n%s\nendstream" % (len(page), page),
    b"<< /Type /XObject /Subtype /Image /Width 200 /Height 100 /BitsPerComponent 8"
    b" /ColorSpace /DeviceGray /Filter /FlateDecode /Length %d >> stream\n%s\nendstream"
    % (len(picture), picture),
]
out, places = b"%PDF-1.4\n", []
for number, body in enumerate(objects, 1):
    places.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
table = len(out)
out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
out += b"".join(b"%010d 00000 n \n" % place for place in places)
out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
sys.stdout.buffer.write(out)
