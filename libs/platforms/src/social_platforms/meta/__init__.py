"""What Facebook and Instagram share as parts of Meta's Graph API: the form of errors and the headers of usage."""
