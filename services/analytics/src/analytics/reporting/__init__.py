"""The numbers as a merchant reads them."""
