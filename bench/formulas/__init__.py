"""Whether a spreadsheet runs anything of what the site's files hold: make formulas.

`texts` makes what somebody might type who wants that; `record` puts it into a record by the staff's
own actions; `office` has LibreOffice open the reports of it, and counts what is a formula there.
"""
