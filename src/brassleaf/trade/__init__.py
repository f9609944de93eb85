"""The rules of the trade: numbers in, numbers out; no store, no network, no clock.

Each module is one page of a handbook and names where its rules come from. Sections are those of `contract/domain.md`.
Facts travel in small frozen dataclasses whose numbers are `Decimal`; whatever comes from outside becomes one by
`numbers.decimal_of`. Results are exact until the caller rounds them, once, with `numbers.round_half_up` or `money`.
"""
