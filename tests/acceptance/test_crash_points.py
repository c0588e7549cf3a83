"""Every crash point is walked: the process that passes it is killed with SIGKILL, another goes on, and all holds.

The points are read from the code's own lists; tests/chaos/crash_points.py says on which platforms each is walked.
"""

import pytest
from tests.chaos.crash_points import FEW, PLATFORMS, ROTATING
from tests.chaos.crash_run import Walked, table_of, walk_all
from tests.support.stack import World

from social_stack.crash_orders import points_of
from social_stack.secrets import SERVICES

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
async def walked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The walk, made once."""
    done = await walk_all(world, tmp_path_factory.mktemp("orders"), platforms=PLATFORMS, is_whole=False)
    print("\n".join(table_of(done)))  # noqa: T201
    return done


def test_every_point_was_walked(walked: Walked) -> None:
    """Each service was killed at each moment that its code names."""
    assert walked.walk.not_passed == []
    wanted = {(service, point) for service in SERVICES for point in points_of(service)}
    assert wanted - walked.passed == set()


def test_nothing_is_lost_twice_or_left_over(walked: Walked) -> None:
    """Posts, ground truth, events, outboxes, leases, offsets and dead letters, by the nemesis run's own judge."""
    assert walked.findings == []


def test_unknown_is_only_what_no_platform_can_tell(walked: Walked) -> None:
    """A post that stands there was found, and a handle that makes a second send safe was used."""
    assert walked.wrongly_unknown == []


def test_the_newest_token_is_kept(walked: Walked) -> None:
    """Every grant that lives can be refreshed again, twice where tokens rotate."""
    assert walked.token_troubles == []


def test_an_account_is_lost_exactly_where_a_rotated_token_never_reached_us(walked: Walked) -> None:
    """The platforms that spend a refresh token by its use lose it with the answer, and their merchants are told."""
    lost = {c["id"] for c in walked.evidence.connections if not c["is_connected"]} & walked.walk.may_be_lost

    assert lost == walked.walk.may_be_lost
    assert len(lost) == 2 * len(ROTATING & set(FEW))
