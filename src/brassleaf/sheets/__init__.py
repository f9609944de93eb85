"""Excel in and out: one service for every export, template and import.

A resource describes its columns once (`columns.Sheet`); `export.Exporter` writes documents under them,
`workbook.template` makes the empty sheet that somebody fills in.
"""
