"""Whether tampering shows: make tamper.

`ways` are what somebody who owns the database could do to one entry or to the end of the record,
past every form and guard; `trial` does one of them, looks whether it is found, and takes it back.
"""
