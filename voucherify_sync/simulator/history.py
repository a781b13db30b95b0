"""The history of a world: time passes, things happen, until enough webhooks have been told."""

from collections.abc import Callable

from voucherify_sync.simulator import moments, noise
from voucherify_sync.simulator.announcements import programme as programme_news
from voucherify_sync.simulator.happenings import (
    desk,
    earning,
    handouts,
    joining,
    midnight,
    spending,
    transfers,
    waiting,
)
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.world import World

Happening = Callable[[World], bool]

_LARGEST = 60
"""No happening is told by more webhooks than this."""
_PER_HAPPENING = 5
"""About how many webhooks tell of one happening."""
_JOINED_BY = 0.6
"""The share of the webhooks after which all members have joined."""

HAPPENINGS: tuple[tuple[Happening, float], ...] = (
    (earning.earn, 30.0),
    (earning.earn_later, 9.0),
    (earning.add_by_hand, 6.0),
    (earning.remove_by_hand, 3.0),
    (spending.redeem, 9.0),
    (spending.fail_to_redeem, 2.0),
    (spending.roll_back, 4.0),
    (spending.fail_to_roll_back, 1.0),
    (transfers.transfer, 5.0),
    (waiting.update, 3.0),
    (waiting.cancel, 2.0),
    (waiting.activate_by_hand, 1.5),
    (joining.join_second_club, 2.0),
    (handouts.hand_out_coupons, 5.0),
    (handouts.hand_out_gift, 2.0),
    (handouts.redeem_coupon, 4.0),
    (handouts.load_gift, 2.0),
    (handouts.unload_gift, 1.0),
    (handouts.redeem_gift, 3.0),
    (handouts.roll_back, 1.5),
    (desk.update_voucher, 5.0),
    (desk.switch_voucher, 4.0),
    (desk.delete_voucher, 1.5),
    (desk.update_customer, 5.0),
    (desk.delete_customer, 0.8),
    (desk.move_segment, 3.0),
    (desk.custom_event, 1.0),
    (desk.update_order, 1.5),
    (desk.update_campaign, 0.8),
    (desk.delete_campaign, 0.1),
    (desk.update_tier, 0.5),
    (desk.make_rule, 0.3),
)


class History:
    """Lets one world live until exactly as many webhooks are told as were asked for."""

    def __init__(self, world: World, options: SimulationOptions, events: int) -> None:
        self._world = world
        self._events = events
        self._noise = options.noise
        self._step = 2 * options.days * moments.DAY * _PER_HAPPENING // events
        self._midnight = _first_midnight(world)

    def unfold(self) -> None:
        """From the founding of the programme to the last webhook."""
        programme_news.founded(self._world, self._world.programme)
        while self._has_room():
            self._pass_time()
            if not self._has_room():
                break
            self._world.teller.begin()
            self._happen()
            if self._world.chance.happens(self._noise):
                noise.make(self._world.chance, self._world.clock, self._world.teller)
        self._fill_up()

    def _told(self) -> int:
        return len(self._world.teller.webhooks)

    def _has_room(self) -> bool:
        return self._events - self._told() > _LARGEST

    def _pass_time(self) -> None:
        """To the next happening; midnights on the way are not passed over."""
        target = self._world.clock.now + 1_000 + int(self._world.chance.share() * self._step)
        while self._midnight <= target and self._has_room():
            self._world.clock.now = max(self._midnight, self._world.clock.now + 1)
            midnight.pass_midnight(self._world, self._has_room)
            self._midnight += moments.DAY
        self._world.clock.now = max(target, self._world.clock.now + 1)

    def _happen(self) -> None:
        if self._joining_is_due():
            joining.join(self._world)
            return
        while not self._world.chance.weighted(HAPPENINGS)(self._world):
            pass

    def _joining_is_due(self) -> bool:
        joined, most = len(self._world.cards), self._world.most_cards
        due = most * self._told() / (self._events * _JOINED_BY)
        return joined < most and (joined < due or not joined)

    def _fill_up(self) -> None:
        """Happenings of one webhook each, until the number is right."""
        while self._told() < self._events:
            self._world.tick(1_000, 60_000)
            self._world.teller.begin()
            if not desk.update_customer(self._world, exactly_one=True):
                desk.make_rule(self._world)


def _first_midnight(world: World) -> int:
    local = world.clock.now + world.zone
    return world.clock.now + moments.DAY - local % moments.DAY


def worlds(options: SimulationOptions) -> list[World]:
    """A world for each project, each with its share of the webhooks and cards."""
    made = []
    for number in range(options.projects):
        cards = max(1, _part(options.cards, options.projects, number))
        start = moments.START + number * 17
        world = World(f"{options.seed}/{number}", cards=cards, start=start)
        History(world, options, _part(options.events, options.projects, number)).unfold()
        made.append(world)
    return made


def _part(whole: int, parts: int, number: int) -> int:
    """The number-th of so many nearly equal parts."""
    return whole * (number + 1) // parts - whole * number // parts
