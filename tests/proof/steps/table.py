"""The steps by their names. Each takes the project, two small numbers and a design."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.proof.steps.cards import change_card, publish
from tests.proof.steps.earning import earn, wait_for_points
from tests.proof.steps.moving import expire, transfer
from tests.proof.steps.orders import change_order
from tests.proof.steps.people import belong, change_customer, do_something
from tests.proof.steps.setting_up import change_campaign, delete
from tests.proof.steps.spending import roll_back, spend
from tests.proof.steps.tiers import move_tier
from tests.proof.world import Project

Step = Callable[[Project, int, int, int], None]

STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "earn": earn,
        "spend": spend,
        "roll back": roll_back,
        "expire": expire,
        "transfer": transfer,
        "publish": publish,
        "change a card": change_card,
        "change a customer": change_customer,
        "change a campaign": change_campaign,
        "change an order": change_order,
        "wait for points": wait_for_points,
        "move between tiers": move_tier,
        "belong to a segment": belong,
        "do something": do_something,
        "delete": delete,
    }
)
