#!/usr/bin/python3
"""Writes dates.xlsx with openpyxl: formats, merged heads, formulas, two sheets."""
import datetime
import openpyxl

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Quay"
sheet["B2"] = "Berths of the harbour"
for column, head in enumerate(["Day", "Tonnes", "Share", "Fees", "Open"], 2):
    sheet.cell(row=4, column=column, value=head)
rows = [(datetime.date(2025, 3, 1), 1250.5, 0.125, 1200, True),
        (datetime.datetime(2025, 3, 2, 14, 30), 0.1 + 0.2, 0.5, 1.204, False)]
for number, row in enumerate(rows, 5):
    for column, value in enumerate(row, 2):
        cell = sheet.cell(row=number, column=column, value=value)
        if column == 4:
            cell.number_format = "0.0%"
        if column == 5:
            cell.number_format = '#,##0.00 [$€-407]'
second = book.create_sheet("Merged & more")
second["A1"], second["B1"] = "Good", "Exports (tonnes)"
second.merge_cells("B1:C1")
second["B2"], second["C2"] = 2024, 2025
second.merge_cells("A1:A2")
second["A3"], second["B3"], second["C3"] = "Grain", 41300, 52100
book.save("dates.xlsx")
