"""What other systems build against: exported from the code, compared with it, and kept compatible.

`make contracts` writes the files; `make check` names the ones that drifted and the changes that would break somebody.
"""

from social_stack.contracts.exports import drifted, render_contracts, write_contracts
from social_stack.contracts.released import release, unmeant_breaks

__all__ = ["drifted", "release", "render_contracts", "unmeant_breaks", "write_contracts"]
