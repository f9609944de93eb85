"""The demo shop: a catalogue, customers and prices to try things out with. Figures and sources: data/SOURCES.md."""
