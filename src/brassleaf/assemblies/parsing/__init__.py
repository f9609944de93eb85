"""A shop's or a buyer's text as an assembly of the catalogue, and what people made of earlier ones."""
