"""What Google's platforms share: the consent, the tokens, and the shape of errors."""
