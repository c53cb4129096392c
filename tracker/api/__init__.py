"""The record as read-only JSON, version 1: each public report, made from its own definition."""
