"""What a hose assembly is printed and written as: documents, labels, files for other programs."""
