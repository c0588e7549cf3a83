"""What Meta's platforms have in common: the shape of errors, the spellings of parameters, the headers of usage."""
